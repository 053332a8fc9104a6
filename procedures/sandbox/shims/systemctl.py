"""systemctl, for the units of the sandbox."""

import argparse
from datetime import UTC, datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import container_logs, unit_lists
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.spans import short
from procedures.sandbox.shims.unit_timers import next_run
from procedures.sandbox.shims.units import unit
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, say

_INACTIVE = 3
_LOOKING = (
    "status",
    "is-active",
    "is-enabled",
    "is-failed",
    "show",
    "cat",
    "list-timers",
    "list-units",
    "list-unit-files",
    "list-dependencies",
)
_CHANGING = (
    "restart",
    "start",
    "stop",
    "enable",
    "disable",
    "reenable",
    "mask",
    "unmask",
    "kill",
    "reset-failed",
    "daemon-reload",
    "try-restart",
    "reload-or-restart",
)


def run(control: Control, argv: list[str]) -> int:
    """Answer one systemctl command line."""
    options = _parser().parse_mixed(argv, "units", argparse.Namespace(quiet=False))
    actions = {
        "status": _status,
        "is-active": _is_active,
        "is-failed": _is_failed,
        "is-enabled": _is_enabled,
        "show": _show,
        "cat": _cat,
        "list-timers": unit_lists.list_timers,
        "list-units": unit_lists.list_units,
        "list-unit-files": unit_lists.list_units,
        "list-dependencies": unit_lists.list_dependencies,
    }
    if options.action in actions:
        return actions[options.action](control, options)
    from procedures.sandbox.shims.unit_change import change

    return change(control, options)


def _parser() -> Parser:
    common = Parser()  # its defaults are suppressed: a verb must not undo what came before it
    for flags in (
        ("--no-pager",),
        ("-q", "--quiet"),
        ("--no-legend",),
        ("--plain",),
        ("-a", "--all"),
    ):
        common.add_argument(*flags, action="store_true", default=argparse.SUPPRESS)
    parser = Parser("systemctl", parents=[common])
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Parser)
    made = {}
    for name in (*_LOOKING, *_CHANGING):
        made[name] = actions.add_parser(name, parents=[common])
        many = name in {"daemon-reload", "reset-failed"} or name.startswith("list-")
        made[name].add_argument("units", nargs="*" if many else "+")
    for name in _CHANGING:
        for flag in ("--no-block", "--now", "--runtime", "--force"):
            made[name].add_argument(flag, action="store_true")
    made["kill"].add_argument("-s", "--signal", default="SIGTERM")
    made["kill"].add_argument("--kill-whom", "--kill-who")
    made["status"].add_argument("-l", "--full", action="store_true")
    made["status"].add_argument("-n", "--lines", type=int, default=5)
    made["show"].add_argument("-p", "--property", action="append", default=[])
    made["show"].add_argument("--value", action="store_true")
    made["show"].add_argument("--timestamp", choices=("pretty", "us", "utc", "us+utc"))
    made["list-units"].add_argument("--state")
    made["list-units"].add_argument("--type")
    made["list-units"].add_argument("--failed", action="store_true")
    made["list-dependencies"].add_argument("--reverse", action="store_true")
    return parser


def _status(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    shown = [unit(seen, control, name) for name in options.units]
    for each in shown:
        mark = {"active": "●", "failed": "×"}.get(each.active, "○")
        since = datetime.fromtimestamp(each.started_at, UTC)
        path = f"/etc/systemd/system/{each.full_name}; {each.file_state}"
        lines = [
            f"{mark} {each.full_name} - {each.description}",
            f"     Loaded: {each.load_state} ({path})",
            f"     Active: {each.active} ({each.sub}) since {since:%a %Y-%m-%d %H:%M:%S UTC}; "
            f"{short(seen.now - each.started_at)} ago",
        ]
        if each.is_timer and each.active == "active":
            elapses = next_run(each.name, seen.now)
            left = short(elapses.timestamp() - seen.now)
            lines.append(f"    Trigger: {elapses:%a %Y-%m-%d %H:%M:%S UTC}; {left} left")
        if each.main_pid:
            lines += [
                f"   Main PID: {each.main_pid} ({each.name[:15]})",
                f'     Status: "{each.status_text}"',
                f"     Memory: {each.memory_bytes / 1024**2:.1f}M",
            ]
        sources = [process.name for process in each.processes]
        wanted = bool(options.lines and sources)
        log = container_logs.read(control, sources)[-options.lines :] if wanted else []
        say("\n".join([*lines, "", *(line for _, line in log)]).rstrip())
    return 0 if all(each.active == "active" for each in shown) else _INACTIVE


def _states(control: Control, names: list[str]) -> list[str]:
    seen = observe(control)
    words = []
    for name in names:
        try:
            words.append(unit(seen, control, name).active)
        except ToolError:
            words.append("inactive")
    return words


def _is_active(control: Control, options: argparse.Namespace) -> int:
    words = _states(control, options.units)
    if not options.quiet:
        say("\n".join(words))
    return 0 if "active" in words else _INACTIVE


def _is_failed(control: Control, options: argparse.Namespace) -> int:
    words = _states(control, options.units)
    if not options.quiet:
        say("\n".join(words))
    return 0 if "failed" in words else 1


def _is_enabled(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    states = []
    for name in options.units:
        try:
            states.append(unit(seen, control, name).file_state)
        except ToolError as error:
            text = f"Failed to get unit file state for {name}: No such file or directory"
            raise ToolError(text) from error
        if not options.quiet:
            say(states[-1])
    return 0 if {"enabled", "static"} & {*states} else 1


def _show(control: Control, options: argparse.Namespace) -> int:
    from procedures.sandbox.shims.unit_properties import OF_SOME, properties

    precise = (options.timestamp or "").startswith("us")
    seen = observe(control)
    wanted = [name for text in options.property for name in text.split(",")]
    for number, name in enumerate(options.units):
        try:
            each = unit(seen, control, name)
            found = properties(each, control, now=seen.now, precise=precise)
            of_this = [name for name in wanted if name in found or name not in OF_SOME]
        except ToolError:
            full = name if "." in name else f"{name}.service"
            found = {
                "Id": full,
                "LoadState": "not-found",
                "ActiveState": "inactive",
                "SubState": "dead",
                "UnitFileState": "",
                "MainPID": "0",
            }
            of_this = [each_name for each_name in wanted if each_name in found]
        if unknown := [each_name for each_name in of_this if each_name not in found]:
            raise UnknownUsageError(f"show -p {unknown[0]}")
        if number:
            say(" ")
        for each_name in of_this if wanted else found:
            text = found[each_name] if options.value else f"{each_name}={found[each_name]}"
            say(text or " ")
    return 0


def _cat(control: Control, options: argparse.Namespace) -> int:
    for name in options.units:
        full = unit(observe(control), control, name).full_name
        path = control.state.units / full
        if not path.exists():
            say(f"# /lib/systemd/system/{full}\n[Unit]\nDescription={full}")
            continue
        say(f"# /etc/systemd/system/{full}")
        say(path.read_text().rstrip("\n"))
        for extra in sorted((control.state.units / f"{full}.d").glob("*.conf")):
            say(f"\n# /etc/systemd/system/{full}.d/{extra.name}")
            say(extra.read_text().rstrip("\n"))
    return 0
