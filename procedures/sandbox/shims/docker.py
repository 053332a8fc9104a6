"""docker, including docker compose."""

import argparse

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import (
    compose,
    container_logs,
    docker_images,
    docker_look,
    docker_store,
)
from procedures.sandbox.shims.containers import BESIDE, Container, containers, find
from procedures.sandbox.shims.observed import act_and_wait, observe, restart_and_wait
from procedures.sandbox.shims.spans import seconds, spoken
from procedures.sandbox.shims.templates import filled, templated
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, say, table


def run(control: Control, argv: list[str]) -> int:
    """Answer one docker command line."""
    before, words = _split(argv)
    if words[:1] == ["compose"]:
        return compose.run(control, [*before, *words[1:]])
    if words[:2] == ["container", "inspect"]:
        words = words[1:]
    argv = [*before, *words]
    options = _parser().parse_mixed(argv, "names")
    docker_store.insist_on_this_engine(control, options.host, options.context)
    actions = {
        "ps": _ps,
        "restart": _change,
        "stop": _change,
        "start": _change,
        "kill": _change,
        "inspect": docker_look.inspect,
        "stats": docker_look.stats,
        "logs": _logs,
        "image": docker_images.image,
        "images": docker_images.list_images,
        "tag": docker_images.tag,
        "volume": docker_images.volume,
        "system": docker_images.system,
        "info": _info,
        "version": _info,
        "exec": _exec,
    }
    return actions[options.action](control, options)


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return the options that say which engine is meant, and the words after them."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 1 if "=" in argv[at] or (argv[at].startswith("-H") and len(argv[at]) > 2) else 2
    return argv[:at], argv[at:]


def _parser() -> Parser:
    parser = Parser("docker")
    for flags in (("-H", "--host"), ("-c", "--context")):
        parser.add_argument(*flags)
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Parser)
    ps = actions.add_parser("ps")
    ps.add_argument("-a", "--all", action="store_true")
    ps.add_argument("-q", "--quiet", action="store_true")
    ps.add_argument("-f", "--filter", action="append", default=[])
    ps.add_argument("--format", default="")
    ps.add_argument("--no-trunc", action="store_true")
    for name in ("restart", "stop", "start", "kill"):
        change = actions.add_parser(name)
        change.add_argument("-t", "--time", type=int)
        change.add_argument("-s", "--signal")
        change.add_argument("names", nargs="+")
    inspect = actions.add_parser("inspect")
    inspect.add_argument("-f", "--format", default="")
    inspect.add_argument("names", nargs="+")
    stats = actions.add_parser("stats")
    stats.add_argument("--no-stream", action="store_true", required=True)
    stats.add_argument("--format", default="")
    stats.add_argument("names", nargs="*")
    logs = actions.add_parser("logs")
    logs.add_argument("--since", type=seconds, default=0.0)
    logs.add_argument("-n", "--tail", default="all")
    logs.add_argument("name")
    for name in ("image", "volume", "system"):
        group = actions.add_parser(name)
        group.add_argument("order")
        group.add_argument("-q", "--quiet", action="store_true")
        group.add_argument("-f", "--filter", action="append", default=[])
        group.add_argument("--format", default="")
        group.add_argument("-v", "--verbose", action="store_true")
        group.add_argument("names", nargs="*")
    images = actions.add_parser("images")
    images.add_argument("--format", default="")
    images.add_argument("-q", "--quiet", action="store_true")
    images.add_argument("names", nargs="*")
    actions.add_parser("tag").add_argument("names", nargs=2)
    for name in ("info", "version"):
        actions.add_parser(name).add_argument("-f", "--format", default="")
    execute = actions.add_parser("exec")
    execute.add_argument("-i", "--interactive", action="store_true")
    execute.add_argument("-u", "--user")
    execute.add_argument("name")
    execute.add_argument("command", nargs="...")
    return parser


def _ps(control: Control, options: argparse.Namespace) -> int:
    shown = [c for c in containers(observe(control), control) if options.all or c.process.running]
    for each in options.filter:
        name, _, value = each.partition("=")
        if name == "label":
            shown = [c for c in shown if _has_label(control, c, value)]
            continue
        if name not in {"name", "status", "health"}:
            raise UnknownUsageError(f"ps --filter {each}")
        fields = {"name": "name", "status": "state", "health": "health"}
        shown = [c for c in shown if value in getattr(c, fields[name])]
    if options.format:
        rows = [
            {
                "ID": c.id[:12],
                "Names": c.name,
                "Image": c.image,
                "Status": c.status,
                "State": c.state,
                "Ports": c.ports,
            }
            for c in shown
        ]
        return templated(options.format, rows)
    if options.quiet:
        say("\n".join(c.id[:12] for c in shown))
        return 0
    head = ("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")
    cells = [
        (
            *(c.id[:12], c.image, f'"{c.command[:18]}…"'),
            f"{spoken(c.now - c.process.started_at)} ago",
            *(c.status, c.ports, c.name),
        )
        for c in shown
    ]
    say(table([head, *cells]))
    return 0


def _has_label(control: Control, container: Container, wanted: str) -> bool:
    from procedures.sandbox.shims.docker_details import labels  # few commands want it

    name, equals, value = wanted.partition("=")
    found = labels(control, container).get(name)
    return found == value if equals else found is not None


def _change(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    for name in options.names:
        process = find(seen, control, name).process.name
        if process in BESIDE:
            stopped = options.action in {"stop", "kill"}
            Kept(control.state.kept).set(f"docker.stopped.{process}", True if stopped else None)
        elif options.action == "restart":
            restart_and_wait(control, [process], ready=False)
        elif options.action == "start":
            act_and_wait(control, [process], "start", {"starting", "ready", "hung"})
        else:
            act_and_wait(control, [process], "stop", {"stopped"})
        say(name)
    return 0


def _logs(control: Control, options: argparse.Namespace) -> int:
    container = find(observe(control), control, options.name)
    tail = container_logs.tail_count(options.tail)
    for _, line in container_logs.read(
        control, [container.process.name], since_s=options.since, tail=tail
    ):
        say(line)
    return 0


def _exec(control: Control, options: argparse.Namespace) -> int:
    from procedures.sandbox.shims import inside

    container = find(observe(control), control, options.name)
    if not container.process.running:
        raise ToolError(f"Error response from daemon: container {options.name} is not running")
    return inside.run(control, container.service, options.command)


def _info(_: Control, options: argparse.Namespace) -> int:
    facts = {
        "ServerVersion": "26.1.5",
        "Server": {"Version": "26.1.5"},
        "Client": {"Version": "26.1.5"},
        "DockerRootDir": "/var/lib/docker",
    }
    say(filled(options.format, facts) if options.format else "Server Version: 26.1.5")
    return 0
