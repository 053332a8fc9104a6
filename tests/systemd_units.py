"""Unit files of the box: the service, what is beside it, and units that fail in many ways."""

FIFO = "/run/llm-config-manager.commands"
"""Where the stand-in for the service takes commands, one a line: ``say TEXT``, ``exit STATUS``."""

_SERVICE = f"""\
test -p {FIFO} || mkfifo {FIFO}
exec 3<>{FIFO}
systemd-notify --ready --status="1 of 1 workers ready"
echo "INFO ready"
while read -r word rest <&3; do
    case "$word" in
        say) printf '%s\\n' "$rest" ;;
        exit) exit "$rest" ;;
    esac
done
"""
_ODD = """\
printf 'caf\\351 is no UTF-8\\n'
printf '\\033[31mred\\033[0m \\033]0;title\\007 bell\\n'
printf '<3>' > /run/odd.line
head -c 500000 /dev/zero | tr '\\0' x >> /run/odd.line
echo >> /run/odd.line
cat /run/odd.line
"""
_FLOOD = """\
at=0
while [ "$at" -lt 60000 ]; do
    echo "2026-11-28T15:00:00.000Z INFO llm_config_server::http request $at took 12 ms status=200"
    at=$((at+1))
done
"""
SCRIPTS = {"service.sh": _SERVICE, "odd.sh": _ODD, "flood.sh": _FLOOD}

JOURNAL = "[Journal]\nLineMax=1M\n"
"""Settings of the journal: a long line stays one."""

_TIMER = "[Unit]\nDescription=LLM Config Manager {what}\n[Timer]\n{when}\n"

UNITS = {
    "llm-config-manager.service": """\
[Unit]
Description=LLM Config Manager
StartLimitIntervalSec=0
[Service]
Type=notify
NotifyAccess=all
ExecStart=/bin/sh /opt/service.sh
Restart=on-failure
RestartSec=200ms
[Install]
WantedBy=multi-user.target
Alias=llm-config.service
""",
    "redis-server.service": "[Service]\nExecStart=/bin/sleep infinity\n",
    "postgresql.service": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n",
    "llm-config-healthcheck.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "llm-config-healthcheck.timer": _TIMER.format(
        what="health check", when="OnActiveSec=0\nOnUnitActiveSec=5min\nAccuracySec=1ms"
    ),
    "llm-config-backup.service": (
        "[Unit]\nDescription=LLM Config Manager backup\n[Service]\nType=oneshot\n"
        "ExecStart=/bin/sh -c 'echo \"ERROR no room for the archive\"; exit 3'\n"
    ),
    "llm-config-backup.timer": _TIMER.format(what="backup", when="OnCalendar=*-*-* 02:00:00"),
    "llm-config-cleanup.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "llm-config-cleanup.timer": (
        _TIMER.format(what="clean-up", when="OnCalendar=Sun *-*-* 03:00:00")
        + "[Install]\nWantedBy=timers.target\n"
    ),
    "looping.service": (
        "[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=3\n"
        "[Service]\nExecStart=/bin/sh -c 'exit 7'\nRestart=always\nRestartSec=10ms\n"
    ),
    "again.service": "[Service]\nExecStart=/bin/sh -c 'exit 9'\nRestart=always\nRestartSec=1h\n",
    "slow.service": "[Service]\nType=notify\nExecStart=/bin/sleep infinity\n",
    "absent.service": "[Service]\nExecStart=/opt/no-such-program\n",
    "broken.service": "[Service]\nRestart=always\n",
    "odd.service": "[Service]\nType=oneshot\nExecStart=/bin/sh /opt/odd.sh\n",
    "flood.service": (
        "[Service]\nType=oneshot\nExecStart=/bin/sh /opt/flood.sh\nLogRateLimitIntervalSec=0\n"
    ),
    "foo@.service": "[Service]\nExecStart=/bin/sleep infinity\n",
    "-dash.service": "[Service]\nExecStart=/bin/sleep infinity\n",
}
MASKED = "hidden.service"
STARTED = (
    *("llm-config-manager.service", "redis-server.service", "postgresql.service"),
    *("llm-config-healthcheck.timer", "llm-config-backup.timer"),
)
"""What runs in a box that was just booted."""
