"""What commands do: those that are the same whatever their options, and those with verbs.

A verb of two words wins over its first word alone. Commands whose options decide are in
``options``, those that carry another command in ``carriers``.
"""

from dataclasses import dataclass, field

from procedures.risk.verdicts import Verbs, changes, destroys, reads
from procedures.risk.words import option_set

SIMPLE: Verbs = {
    **reads(
        "[, [[, :, true, false, test, echo, printf, read, local, export, declare, typeset,"
        " readonly, unset, set, shift, return, exit, break, continue, let, wait, shopt, getopts,"
        " mapfile, readarray, cd, pwd, umask, ulimit, hash, type, which, times, jobs, }, cat, tac,"
        " head, tail, grep, egrep, fgrep, zgrep, zcat, jq, wc, cut, tr, rev, fold, nl, paste, join,"
        " comm, diff, cmp, column, expand, fmt, od, hexdump, strings, file, stat, ls, du, df, free,"
        " lsblk, lscpu, lsof, uptime, w, who, whoami, id, groups, last, uname, arch, nproc,"
        " getconf, locale, tty, sleep, seq, expr, bc, basename, dirname, readlink, realpath,"
        " printenv, getent, ps, pgrep, pidof, pstree, top, vmstat, mpstat, pidstat, netstat, ping,"
        " nslookup, dig, host, traceroute, tracepath, mtr, pg_isready, md5sum, sha1sum, sha256sum,"
        " sha512sum, cksum, base64, numfmt, tsort, factor, getfacl, findmnt, blkid"
    ),
    **changes("mkdir, touch, ln, mkfifo, mktemp", "creates files"),
    **changes("chgrp, setfacl, passwd, useradd, usermod, groupadd", "changes rights or accounts"),
    **changes("gzip, gunzip, bzip2, xz, zip, split, logrotate", "writes or replaces files"),
    **changes("pg_dump, pg_dumpall, pg_basebackup, vacuumdb, createdb", "works on the database"),
    **changes("ab, wrk, hey, iperf3, fio, stress", "puts load on the service"),
    **destroys("rm, rmdir, unlink, shred, truncate, wipe, srm", "deletes files"),
    **destroys("mv, cp, install, rsync, scp, sftp, unzip, patch", "may overwrite files"),
    **destroys(
        "dd, mkfs, mkswap, fdisk, sfdisk, parted, wipefs, blkdiscard", "overwrites a device"
    ),
    **destroys("lvremove, vgremove, pvremove, mdadm, zpool, zfs", "removes storage"),
    **destroys("umount, swapoff", "takes storage away"),
    **destroys("kill, pkill, killall, fuser, skill", "ends processes"),
    **destroys("shutdown, reboot, halt, poweroff, init, telinit", "stops the machine"),
    **destroys("iptables-restore, nft, ufw, firewall-cmd, tc", "changes the firewall or network"),
    **destroys("dropdb, dropuser, initdb, pg_resetwal", "removes a database"),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A command whose verb decides.

    Attributes:
        with_value: Options before the verb whose value is the next word.
        flags: Options before the verb without a value.
        groups: First words that only group verbs (``docker container ls``).
    """

    verbs: Verbs
    with_value: frozenset[str] = field(default=frozenset())
    flags: frozenset[str] = field(default=frozenset())
    groups: frozenset[str] = field(default=frozenset())


_KUBECTL = Tool(
    with_value=option_set(
        "-n --namespace --context --cluster --user --kubeconfig -s --server --token --as --as-group"
        " --request-timeout --cache-dir -v --v --certificate-authority"
    ),
    flags=option_set("--insecure-skip-tls-verify --warnings-as-errors --help -h"),
    verbs={
        **reads(
            "get, describe, logs, top, explain, version, api-resources, api-versions, cluster-info,"
            " diff, wait, events, options, completion, auth can-i, auth whoami, rollout status,"
            " rollout history, config current-context, config view, config get-contexts,"
            " config get-clusters"
        ),
        **changes("rollout restart", "replaces every pod, one after another"),
        **changes("rollout undo", "returns to the revision before"),
        **changes("rollout pause, rollout resume", "holds or resumes a roll-out"),
        **changes("apply, create, patch, label, annotate, set, edit, expose", "changes objects"),
        **changes("autoscale, cordon, uncordon, taint, run, debug, cp", "changes the cluster"),
        **changes("port-forward, proxy", "opens a way into the cluster"),
        **changes("config", "changes where later commands go"),
        **destroys("delete", "deletes objects"),
        **destroys("drain", "evicts every pod of a node"),
        **destroys("replace", "replaces objects"),
    },
)

_COMPOSE = Tool(
    with_value=option_set(
        "-f --file -p --project-name --profile --env-file --project-directory --ansi --parallel"
        " --progress -c --context -H --host --log-level"
    ),
    flags=option_set(
        "--compatibility --verbose --no-ansi --dry-run --tls --tlsverify -v --version"
    ),
    verbs={
        **reads("ps, logs, top, images, config, convert, events, port, version, ls, stats, wait"),
        **changes("restart", "restarts containers: a short outage of each"),
        **changes("up, start, unpause, create, run, scale", "starts or replaces containers"),
        **changes("pull, push, build, cp, watch", "changes images or files"),
        **destroys("down, rm", "removes containers"),
        **destroys("stop, kill, pause", "takes the service away"),
    },
)

_DOCKER = Tool(
    with_value=option_set("-H --host -c --context -l --log-level --config"),
    flags=option_set("-D --debug --tls --tlsverify -v --version"),
    groups=option_set("container image volume network system builder context"),
    verbs={
        **reads(
            "ps, ls, list, logs, inspect, stats, top, events, images, info, version, diff, port,"
            " search, history, wait, show, df"
        ),
        **changes("restart", "restarts a container: a short outage of it"),
        **changes("start, unpause, create, run, update, rename", "changes containers"),
        **changes("pull, push, build, tag, load, import, save, export, cp", "changes images"),
        **changes("connect, login, logout, use, commit", "changes the engine's set-up"),
        **destroys("rm, rmi, prune, remove", "removes containers, images or volumes"),
        **destroys("stop, kill, pause, disconnect", "takes a container away"),
    },
)

SYSTEMCTL_VERBS: Verbs = {
    **reads(
        "status, show, cat, help, is-active, is-enabled, is-failed, is-system-running, list-units,"
        " list-timers, list-sockets, list-jobs, list-unit-files, list-dependencies, list-machines,"
        " get-default, show-environment"
    ),
    **changes(
        "start, restart, try-restart, reload, reload-or-restart, condrestart, force-reload",
        "starts or restarts a unit: a short outage",
    ),
    **changes(
        "enable, unmask, reenable, preset, link, edit, revert, set-property, reset-failed,"
        " daemon-reload, daemon-reexec, set-environment, unset-environment, import-environment",
        "changes how units start",
    ),
    **destroys("stop, kill, freeze", "takes a unit away"),
    **destroys("disable, mask, clean", "keeps a unit from starting, or removes its files"),
    **destroys(
        "isolate, default, rescue, emergency, halt, poweroff, reboot, soft-reboot, kexec, exit,"
        " suspend, hibernate, hybrid-sleep, switch-root, set-default",
        "stops the machine or most of it",
    ),
}

_SYSTEMCTL = Tool(
    with_value=option_set(
        "-t --type --state -p --property -P -n --lines -o --output -H --host -M --machine --root"
        " -s --signal --kill-whom --job-mode"
    ),
    flags=option_set(
        "-q --quiet --user --system --no-pager -a --all -l --full --no-block --now --runtime -f"
        " --force --no-legend --plain --value --no-ask-password --wait -r --recursive --failed"
    ),
    verbs=SYSTEMCTL_VERBS,
)

_HELM = Tool(
    with_value=option_set("-n --namespace --kube-context --kubeconfig --registry-config"),
    flags=option_set("--debug"),
    verbs={
        **reads(
            "list, ls, status, get, history, template, lint, show, search, version, env, verify,"
            " repo list"
        ),
        **changes("install, upgrade, rollback, test, repo, dependency, pull", "changes releases"),
        **destroys("uninstall, delete, del", "removes a release"),
    },
)

_GIT = Tool(
    with_value=option_set("-C --git-dir --work-tree"),
    flags=option_set("--no-pager -P"),
    verbs={
        **reads("status, log, diff, show, rev-parse, ls-files, describe, blame, remote get-url"),
        **changes("add, commit, fetch, pull, merge, clone, tag, branch, push", "changes a tree"),
        **destroys("reset, clean, checkout, restore, rebase, stash, rm, gc", "may lose work"),
    },
)

_TERRAFORM = Tool(
    with_value=frozenset(),
    verbs={
        **reads("plan, show, output, validate, version, providers, graph, state list, state show"),
        **changes("init, fmt, get, workspace", "changes the working directory"),
        **destroys("apply, destroy, import, taint, untaint, state", "changes real machines"),
    },
)

_PACKAGES = Tool(
    with_value=option_set("-o -c -t"),
    flags=option_set("-y --yes -q -qq --assume-yes"),
    verbs={
        **reads("list, show, policy, search, info"),
        **changes("update, install, upgrade, reinstall, download", "changes packages"),
        **destroys(
            "remove, purge, autoremove, erase, full-upgrade, dist-upgrade", "removes packages"
        ),
    },
)

TOOLS = {
    "kubectl": _KUBECTL,
    "oc": _KUBECTL,
    "docker-compose": _COMPOSE,
    "docker": _DOCKER,
    "podman": _DOCKER,
    "systemctl": _SYSTEMCTL,
    "helm": _HELM,
    "git": _GIT,
    "terraform": _TERRAFORM,
    "tofu": _TERRAFORM,
    **dict.fromkeys(("apt", "apt-get", "dnf", "yum"), _PACKAGES),
}
"""Commands whose verb decides."""

COMPOSE = "docker-compose"
"""The table that ``docker compose`` shares."""

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
