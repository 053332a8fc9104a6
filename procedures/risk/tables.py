"""What commands do that are the same whatever their options, and what variables change."""

from procedures.risk.verdicts import Verbs, changes, destroys, reads

SIMPLE: Verbs = {
    **reads(
        "[, [[, :, true, false, test, echo, printf, read, local, export, declare, typeset,"
        " readonly, unset, set, shift, return, exit, break, continue, let, wait, shopt, getopts,"
        " mapfile, readarray, cd, pwd, umask, ulimit, hash, type, which, times, jobs, }, cat, tac,"
        " head, tail, grep, egrep, fgrep, zgrep, zcat, bzcat, xzcat, zstdcat, jq, wc, cut, tr, rev,"
        " fold, nl, paste, join, comm, diff, cmp, column, expand, fmt, od, hexdump, strings, file,"
        " stat, ls, du, df, free,"
        " lsblk, lscpu, lsof, uptime, w, who, whoami, id, groups, last, uname, arch, nproc,"
        " getconf, locale, tty, sleep, seq, expr, bc, basename, dirname, readlink, realpath,"
        " printenv, getent, ps, pgrep, pidof, pstree, top, vmstat, mpstat, pidstat, netstat, ping,"
        " nslookup, dig, host, traceroute, tracepath, mtr, pg_isready, md5sum, sha1sum, sha256sum,"
        " sha512sum, cksum, base64, numfmt, tsort, factor, getfacl, findmnt, blkid, iostat,"
        " pg_lsclusters, pg_controldata"
    ),
    **changes("mkdir, touch, ln, mkfifo, mktemp", "creates files"),
    **changes("setfacl, passwd, useradd, usermod, groupadd", "changes rights or accounts"),
    **changes("zip, split, logrotate", "writes or replaces files"),
    **changes("pg_dump, pg_dumpall, pg_basebackup, createdb, createuser", "works on the database"),
    **changes("ab, wrk, hey, iperf3, fio, stress", "puts load on the service"),
    **destroys("rm, rmdir, unlink, shred, truncate, wipe, srm", "deletes files"),
    **destroys("mv, cp, install, rsync, scp, sftp, unzip, patch", "may overwrite files"),
    **destroys(
        "dd, mkfs, mkswap, fdisk, sfdisk, parted, wipefs, blkdiscard", "overwrites a device"
    ),
    **destroys("lvremove, vgremove, pvremove, mdadm, zpool, zfs", "removes storage"),
    **destroys("umount, swapoff", "takes storage away"),
    **destroys("pkill, killall, fuser, skill", "ends processes"),
    **destroys("shutdown, reboot, halt, poweroff, init, telinit", "stops the machine"),
    **destroys("iptables-restore, ip6tables-restore", "changes the firewall or network"),
    **destroys("dropdb, dropuser, initdb, pg_resetwal, pg_rewind", "removes a database"),
    **destroys("userdel, groupdel, deluser, delgroup", "removes an account"),
    **destroys("source, .", "runs a file that is not shown"),
    **destroys(
        "if, then, elif, else, fi, for, while, until, select, do, done, case, esac, function",
        "a shell keyword out of place",
    ),
    **destroys("alias, enable", "changes what the following words mean"),
    **destroys("parallel, at, batch, screen, tmux, script, expect", "runs text that is not read"),
}
"""Commands that are the same whatever their options."""

ASSIGNED = {
    **destroys("PATH", "changes which programs run"),
    **destroys(
        "LD_PRELOAD, LD_LIBRARY_PATH, LD_AUDIT, BASH_ENV, ENV, SHELLOPTS, BASHOPTS, PROMPT_COMMAND,"
        " PS4, PYTHONPATH, PYTHONSTARTUP, PERL5OPT, PERL5LIB, NODE_OPTIONS, RUBYOPT, CDPATH,"
        " GIT_SSH_COMMAND, PAGER, EDITOR, VISUAL, SYSTEMD_PAGER, GIT_PAGER, LESSOPEN",
        "changes which code runs",
    ),
    **changes("KUBECONFIG, DOCKER_HOST, DOCKER_CONTEXT, COMPOSE_FILE", "aims at another target"),
    **changes("REDISCLI_HISTFILE, PGHOST, PGSERVICE, PGOPTIONS", "aims at another target"),
}
"""Variables whose setting changes what a command means."""
