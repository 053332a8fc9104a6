"""docker-compose and docker compose."""

import argparse
import json
import os
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.shim_files import COMPOSE_PROJECT
from procedures.sandbox.shims import container_logs, inside
from procedures.sandbox.shims.containers import APP, Container, containers
from procedures.sandbox.shims.observed import act_and_wait, observe, restart_and_wait
from procedures.sandbox.shims.spans import seconds, spoken
from procedures.sandbox.shims.usage import (
    Parser,
    ToolError,
    UnknownUsageError,
    complain,
    say,
    table,
)

_SERVICES = (APP, "redis", "postgres")


def run(control: Control, argv: list[str]) -> int:
    """Answer one compose command line."""
    options = _parser().parse_args(argv)
    if options.file and not Path(options.file).exists():
        raise ToolError(f"open {options.file}: no such file or directory", 14)
    if options.action == "version":
        say("Docker Compose version v2.26.1")
        return 0
    project = options.project or os.environ.get("COMPOSE_PROJECT_NAME") or COMPOSE_PROJECT
    if project != COMPOSE_PROJECT:
        raise ToolError(f'no container found for project "{project}": not found')
    for service in _services(options):
        if service not in _SERVICES:
            raise ToolError(f"no such service: {service}")
    actions = {"ps": _ps, "logs": _logs, "exec": _exec}
    return actions.get(options.action, _change)(control, options)


def _parser() -> Parser:
    parser = Parser("docker compose")
    parser.add_argument("-p", "--project-name", dest="project")
    parser.add_argument("-f", "--file")
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Parser)
    actions.add_parser("version")
    ps = actions.add_parser("ps")
    ps.add_argument("-a", "--all", action="store_true")
    ps.add_argument("-q", "--quiet", action="store_true")
    ps.add_argument("--format", choices=("table", "json"), default="table")
    ps.add_argument("services", nargs="*")
    for name in ("restart", "stop"):
        change = actions.add_parser(name)
        change.add_argument("-t", "--timeout", type=int)
        change.add_argument("services", nargs="*")
    actions.add_parser("start").add_argument("services", nargs="*")
    up = actions.add_parser("up")
    up.add_argument("-d", "--detach", action="store_true", required=True)
    up.add_argument("services", nargs="*")
    logs = actions.add_parser("logs")
    logs.add_argument("--since", type=seconds, default=0.0)
    logs.add_argument("-n", "--tail", default="all")
    logs.add_argument("--no-color", action="store_true")
    logs.add_argument("--no-log-prefix", action="store_true")
    logs.add_argument("services", nargs="*")
    execute = actions.add_parser("exec")
    execute.add_argument("-T", "--no-TTY", action="store_true")
    execute.add_argument("service")
    execute.add_argument("command", nargs="...")
    return parser


def _services(options: argparse.Namespace) -> list[str]:
    if options.action == "exec":
        return [options.service]
    return list(options.services)


def _chosen(control: Control, options: argparse.Namespace) -> list[Container]:
    wanted = _services(options) or _SERVICES
    return [c for c in containers(observe(control)) if c.service in wanted]


def _ps(control: Control, options: argparse.Namespace) -> int:
    chosen = [c for c in _chosen(control, options) if options.all or c.process.running]
    if options.quiet:
        say("\n".join(c.id for c in chosen))
    elif options.format == "json":
        say("\n".join(json.dumps(_row(c)) for c in chosen))
    else:
        head = ("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
        rows = [
            (c.name, c.image, f'"{c.command[:18]}…"', c.service, _created(c), c.status, c.ports)
            for c in chosen
        ]
        say(table([head, *rows]))
    return 0


def _created(container: Container) -> str:
    return f"{spoken(container.now - container.process.started_at)} ago"


def _row(container: Container) -> dict[str, object]:
    return {
        "ID": container.id[:12],
        "Name": container.name,
        "Service": container.service,
        "Project": COMPOSE_PROJECT,
        "Image": container.image,
        "State": container.state,
        "Health": container.health if container.process.running else "",
        "ExitCode": container.exit_code,
        "Status": container.status,
    }


def _logs(control: Control, options: argparse.Namespace) -> int:
    sources = [c.process.name for c in _chosen(control, options)]
    tail = container_logs.tail_count(options.tail)
    names = {c.process.name: c.name for c in _chosen(control, options)}
    width = max(map(len, names.values()), default=0)
    for source, line in container_logs.read(control, sources, since_s=options.since, tail=tail):
        prefix = "" if options.no_log_prefix else f"{names[source].ljust(width)}  | "
        say(prefix + line)
    return 0


def _exec(control: Control, options: argparse.Namespace) -> int:
    if options.service == APP:
        raise UnknownUsageError(f"exec in {APP}")
    process = observe(control).process(options.service)
    if process is None or not process.running:
        raise ToolError(f'service "{options.service}" is not running')
    return inside.run(control, options.service, options.command)


def _change(control: Control, options: argparse.Namespace) -> int:
    chosen = _chosen(control, options)
    names = [c.process.name for c in chosen]
    if options.action == "restart":
        restart_and_wait(control, names, ready=False)
        done = "Started"
    elif options.action == "stop":
        act_and_wait(control, names, "stop", {"stopped"})
        done = "Stopped"
    else:
        act_and_wait(control, names, "start", {"starting", "ready", "hung"})
        done = "Started"
    for container in chosen:
        complain(f" Container {container.name}  {done}")
    return 0
