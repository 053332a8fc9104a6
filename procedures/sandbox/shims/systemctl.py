"""systemctl, for the units of the sandbox."""

import argparse
from datetime import UTC, datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import container_logs
from procedures.sandbox.shims.observed import act_and_wait, observe, restart_and_wait
from procedures.sandbox.shims.spans import short
from procedures.sandbox.shims.units import Unit, unit
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, say

_INACTIVE = 3


def run(control: Control, argv: list[str]) -> int:
    """Answer one systemctl command line."""
    options = _parser().parse_args(argv, argparse.Namespace(quiet=False))
    actions = {
        "status": _status,
        "is-active": _is_active,
        "is-enabled": _is_enabled,
        "show": _show,
    }
    return actions.get(options.action, _change)(control, options)


def _parser() -> Parser:
    common = Parser()  # its defaults are suppressed: a verb must not undo what came before it
    for flags in (("--no-pager",), ("-q", "--quiet")):
        common.add_argument(*flags, action="store_true", default=argparse.SUPPRESS)
    parser = Parser("systemctl", parents=[common])
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Parser)
    for name in ("restart", "start", "stop", "is-active", "is-enabled"):
        actions.add_parser(name, parents=[common]).add_argument("units", nargs="+")
    status = actions.add_parser("status", parents=[common])
    status.add_argument("-l", "--full", action="store_true")
    status.add_argument("-n", "--lines", type=int, default=5)
    status.add_argument("units", nargs="+")
    show = actions.add_parser("show", parents=[common])
    show.add_argument("-p", "--property", action="append", default=[])
    show.add_argument("--value", action="store_true")
    show.add_argument("units", nargs="+")
    return parser


def _status(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    shown = [unit(seen, name) for name in options.units]
    for each in shown:
        mark = {"active": "●", "failed": "×"}.get(each.active, "○")
        since = datetime.fromtimestamp(each.started_at, UTC)
        lines = [
            f"{mark} {each.name}.service - {each.description}",
            f"     Loaded: loaded (/etc/systemd/system/{each.name}.service; enabled)",
            f"     Active: {each.active} ({each.sub}) since {since:%a %Y-%m-%d %H:%M:%S UTC}; "
            f"{short(seen.now - each.started_at)} ago",
        ]
        if each.main_pid:
            lines += [
                f"   Main PID: {each.main_pid} ({each.name[:15]})",
                f'     Status: "{each.status_text}"',
                f"     Memory: {each.memory_bytes / 1024**2:.1f}M",
            ]
        sources = [process.name for process in each.processes]
        log = container_logs.read(control, sources)[-options.lines :] if options.lines else []
        say("\n".join([*lines, "", *(line for _, line in log)]).rstrip())
    return 0 if all(each.active == "active" for each in shown) else _INACTIVE


def _is_active(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    words = []
    for name in options.units:
        try:
            words.append(unit(seen, name).active)
        except ToolError:
            words.append("inactive")
    if not options.quiet:
        say("\n".join(words))
    return 0 if "active" in words else _INACTIVE


def _is_enabled(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    for name in options.units:
        try:
            unit(seen, name)
        except ToolError as error:
            text = f"Failed to get unit file state for {name}: No such file or directory"
            raise ToolError(text) from error
        if not options.quiet:
            say("enabled")
    return 0


def _show(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    wanted = [name for text in options.property for name in text.split(",")]
    for each in options.units:
        properties = _properties(unit(seen, each))
        if unknown := [name for name in wanted if name not in properties]:
            raise UnknownUsageError(f"show -p {unknown[0]}")
        for name in wanted or properties:
            say(properties[name] if options.value else f"{name}={properties[name]}")
    return 0


def _properties(each: Unit) -> dict[str, str]:
    started = datetime.fromtimestamp(each.started_at, UTC)
    return {
        "Id": f"{each.name}.service",
        "Description": each.description,
        "LoadState": "loaded",
        "ActiveState": each.active,
        "SubState": each.sub,
        "UnitFileState": "enabled",
        "Result": "success" if each.active != "failed" else "core-dump",
        "MainPID": str(each.main_pid),
        "NRestarts": str(each.restarts),
        "StatusText": each.status_text,
        "ActiveEnterTimestamp": f"{started:%a %Y-%m-%d %H:%M:%S UTC}",
        "MemoryCurrent": str(each.memory_bytes) if each.main_pid else "[not set]",
        "CPUUsageNSec": str(int(each.cpu_s * 1e9)) if each.cpu_s else "[not set]",
        "MemoryMax": "infinity" if each.memory_max is None else str(each.memory_max),
    }


def _change(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    names = []
    for name in options.units:
        try:
            names += [process.name for process in unit(seen, name).processes]
        except ToolError as error:
            text = f"Failed to {options.action} {name}.service: Unit {name}.service not found."
            raise ToolError(text, 5) from error
    if options.action == "restart":
        restart_and_wait(control, names, ready=True)
    elif options.action == "stop":
        act_and_wait(control, names, "stop", {"stopped"})
    else:
        act_and_wait(control, names, "start", {"ready", "hung"})
    return 0
