"""The verbs of what tends a machine: systemctl and its kin, packages, git, terraform."""

from procedures.risk.tool import Tool
from procedures.risk.verdicts import Verbs, changes, destroys, reads
from procedures.risk.words import option_set

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

SYSTEMCTL = Tool(
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

GIT = Tool(
    with_value=option_set("-C --git-dir --work-tree"),
    flags=option_set("--no-pager -P"),
    verbs={
        **reads(
            "status, log, diff, show, rev-parse, ls-files, ls-tree, ls-remote, describe, blame,"
            " remote get-url, remote show, stash list, stash show, cat-file, merge-base, shortlog,"
            " rev-list, grep, reflog show, worktree list"
        ),
        **changes("add, commit, fetch, pull, merge, clone, tag, branch, push", "changes a tree"),
        **changes("init, switch, cherry-pick, revert, remote, worktree, mv", "changes a tree"),
        **destroys("reset, clean, checkout, restore, rebase, stash, rm, gc", "may lose work"),
        **destroys("filter-branch, filter-repo, prune, reflog, update-ref", "may lose work"),
    },
)

TERRAFORM = Tool(
    with_value=frozenset(),
    flags=option_set("-chdir"),
    verbs={
        **reads(
            "plan, show, output, validate, version, providers, graph, state list, state show,"
            " state pull, workspace list, workspace show"
        ),
        **changes("init, fmt, get, workspace", "changes the working directory"),
        **destroys("apply, destroy, import, taint, untaint, state", "changes real machines"),
        **destroys("workspace delete, force-unlock, refresh", "changes the record of machines"),
    },
)

PACKAGES = Tool(
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

CERTBOT = Tool(
    with_value=frozenset(),
    flags=option_set("-n --non-interactive -q --quiet"),
    verbs={
        **reads("certificates, show_account, plugins"),
        **changes("renew, certonly, run, register", "renews certificates"),
        **destroys("revoke, delete, unregister", "gives a certificate up"),
    },
)

PATRONI = Tool(
    with_value=option_set("-c --config-file -d --dcs-url"),
    flags=option_set("-k --insecure"),
    verbs={
        **reads("list, topology, history, show-config, dsn, version"),
        **changes("pause, resume, reload, edit-config, flush", "changes the cluster's set-up"),
        **destroys("failover, switchover, reinit, restart, remove", "moves or stops a database"),
    },
)

STATUS_TOOLS = {
    "timedatectl": Tool(
        verbs={**reads("status, show, timesync-status, list-timezones")},
        flags=option_set("--no-pager"),
    ),
    "hostnamectl": Tool(verbs={**reads("status")}),
    "loginctl": Tool(
        verbs={
            **reads("list-sessions, list-users, session-status, user-status, show-session"),
            **destroys("terminate-session, terminate-user, kill-session", "ends sessions"),
        },
    ),
    "resolvectl": Tool(verbs={**reads("status, query, statistics, dns")}),
    "networkctl": Tool(
        verbs={**reads("list, status, lldp"), **destroys("down, delete", "takes a link away")}
    ),
    "chronyc": Tool(verbs={**reads("tracking, sources, sourcestats, activity, ntpdata")}),
}
"""Small tools that mostly show a state; what they do else is a change."""
