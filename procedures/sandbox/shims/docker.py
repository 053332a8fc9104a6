"""docker, including docker compose."""

import argparse
import re

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import compose
from procedures.sandbox.shims.containers import Container, containers, find
from procedures.sandbox.shims.observed import observe, restart_and_wait
from procedures.sandbox.shims.spans import spoken
from procedures.sandbox.shims.usage import Parser, UnknownUsageError, say, table

_MIB = 1024**2
_LIMIT = 2048 * _MIB
_PLACEHOLDER = re.compile(r"\{\{ *([.\w]+) *\}\}")


def run(control: Control, argv: list[str]) -> int:
    """Answer one docker command line."""
    if argv[:1] == ["compose"]:
        return compose.run(control, argv[1:])
    options = _parser().parse_args(argv)
    actions = {"ps": _ps, "restart": _restart, "inspect": _inspect, "stats": _stats}
    return actions[options.action](control, options)


def _parser() -> Parser:
    parser = Parser("docker")
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Parser)
    ps = actions.add_parser("ps")
    ps.add_argument("-a", "--all", action="store_true")
    ps.add_argument("-q", "--quiet", action="store_true")
    restart = actions.add_parser("restart")
    restart.add_argument("-t", "--time", type=int)
    restart.add_argument("names", nargs="+")
    inspect = actions.add_parser("inspect")
    inspect.add_argument("-f", "--format", required=True)
    inspect.add_argument("names", nargs="+")
    stats = actions.add_parser("stats")
    stats.add_argument("--no-stream", action="store_true", required=True)
    stats.add_argument("names", nargs="*")
    return parser


def _ps(control: Control, options: argparse.Namespace) -> int:
    shown = [c for c in containers(observe(control)) if options.all or c.process.running]
    if options.quiet:
        say("\n".join(c.id[:12] for c in shown))
        return 0
    head = ("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")
    rows = [
        (
            *(c.id[:12], c.image, f'"{c.command[:18]}…"'),
            f"{spoken(c.now - c.process.started_at)} ago",
            *(c.status, c.ports, c.name),
        )
        for c in shown
    ]
    say(table([head, *rows]))
    return 0


def _restart(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    for name in options.names:
        restart_and_wait(control, [find(seen, name).process.name], ready=False)
        say(name)
    return 0


def _inspect(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    for name in options.names:
        fields = _fields(find(seen, name))

        def fill(match: re.Match[str], fields: dict[str, str] = fields) -> str:
            if match[1] not in fields:
                raise UnknownUsageError(f"inspect --format {match[1]}")
            return fields[match[1]]

        say(_PLACEHOLDER.sub(fill, options.format))
    return 0


def _fields(container: Container) -> dict[str, str]:
    return {
        ".Id": container.id,
        ".Name": f"/{container.name}",
        ".RestartCount": "0",
        ".State.Status": container.state,
        ".State.Running": str(container.process.running).lower(),
        ".State.ExitCode": str(container.exit_code),
        ".State.Health.Status": container.health,
    }


def _stats(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    running = [c for c in containers(seen) if c.process.running]
    shown = [find(seen, name) for name in options.names] or running
    head = ("CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "PIDS")
    rows = [
        (
            *(c.id[:12], c.name, f"{100 * c.process.cpu_cores:.2f}%"),
            f"{c.process.memory_bytes / _MIB:.1f}MiB / 2GiB",
            *(f"{100 * c.process.memory_bytes / _LIMIT:.2f}%", "9"),
        )
        for c in shown
    ]
    say(table([head, *rows]))
    return 0
