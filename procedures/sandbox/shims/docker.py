"""docker, including docker compose."""

import argparse
import json

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import compose, container_logs, docker_store
from procedures.sandbox.shims.containers import BESIDE, Container, containers, find
from procedures.sandbox.shims.observed import act_and_wait, observe, restart_and_wait
from procedures.sandbox.shims.spans import seconds, spoken
from procedures.sandbox.shims.templates import filled
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, say, table

_MIB = 1024**2
_LIMIT = 2048 * _MIB


def run(control: Control, argv: list[str]) -> int:
    """Answer one docker command line."""
    if argv[:1] == ["compose"]:
        return compose.run(control, argv[1:])
    if argv[:2] == ["container", "inspect"]:
        argv = argv[1:]
    options = _parser().parse_mixed(argv, "names")
    actions = {
        "ps": _ps,
        "restart": _change,
        "stop": _change,
        "start": _change,
        "kill": _change,
        "inspect": _inspect,
        "stats": _stats,
        "logs": _logs,
        "image": _image,
        "images": _image_ls,
        "tag": _tag,
        "volume": _volume,
        "system": _system,
        "info": _info,
        "version": _info,
        "exec": _exec,
    }
    return actions[options.action](control, options)


def _parser() -> Parser:
    parser = Parser("docker")
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
        return _templated(options.format, rows)
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


def _inspect(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    found = []
    for name in options.names:
        try:
            found.append(_details(control, find(seen, control, name)))
        except ToolError:
            if name not in docker_store.tags(control):
                raise ToolError(f"Error: No such object: {name}") from None
            found.append(_image_details(control, name))
    if not options.format:
        say(json.dumps(found, indent=4))
    for each in found if options.format else ():
        say(filled(options.format, each))
    return 0


def _details(control: Control, container: Container) -> dict[str, object]:
    health = {"Status": container.health, "FailingStreak": 0} if container.health else None
    memory = Kept(control.state.kept).get("docker.memory") or _LIMIT
    state: dict[str, object] = {
        "Status": container.state,
        "Running": container.process.running,
        "Paused": False,
        "Restarting": False,
        "OOMKilled": False,
        "ExitCode": container.exit_code,
        "Error": "",
        "Pid": 1_000 + container.process.ordinal if container.process.running else 0,
        "StartedAt": _time_text(container.process.started_at),
        "FinishedAt": _time_text(container.process.ended_at),
    }
    return {
        "Id": container.id,
        "Name": f"/{container.name}",
        "Image": docker_store.image_id(control, container.image),
        "RestartCount": 0,
        "State": {**state, "Health": health} if health else state,
        "Config": {
            "Image": container.image,
            "Labels": {
                "com.docker.compose.project": docker_store.PROJECT,
                "com.docker.compose.service": container.service,
            },
        },
        "HostConfig": {
            "Memory": memory if container.process.ordinal else 0,
            "NanoCpus": 2_000_000_000 if container.process.ordinal else 0,
            "RestartPolicy": {"Name": "unless-stopped"},
        },
        "Mounts": [
            {"Type": "volume", "Name": name, "Destination": "/var/lib/llm-config/data"}
            for name in docker_store.volumes()[:1]
            if container.process.ordinal
        ],
        "NetworkSettings": {
            "Networks": {"llm-config_default": {"IPAddress": f"172.28.0.{len(container.name)}"}}
        },
    }


def _time_text(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _stats(control: Control, options: argparse.Namespace) -> int:
    seen = observe(control)
    running = [c for c in containers(seen, control) if c.process.running]
    shown = [find(seen, control, name) for name in options.names] or running
    limit = Kept(control.state.kept).get("docker.memory") or _LIMIT
    rows = [
        {
            "ID": c.id[:12],
            "Container": c.name,
            "Name": c.name,
            "CPUPerc": f"{100 * c.process.cpu_cores:.2f}%",
            "MemUsage": f"{c.process.memory_bytes / _MIB:.1f}MiB / {limit / 1024**3:g}GiB",
            "MemPerc": f"{100 * c.process.memory_bytes / limit:.2f}%",
            "NetIO": "12.4MB / 9.81MB",
            "BlockIO": "1.2MB / 8.4MB",
            "PIDs": "9",
        }
        for c in shown
    ]
    if options.format:
        return _templated(options.format, rows)
    names = ("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs")
    head = ("CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O")
    say(table([(*head, "PIDS"), *(tuple(row[name] for name in names) for row in rows)]))
    return 0


def _templated(template: str, rows: list[dict[str, str]]) -> int:
    shown = template.removeprefix("table ")
    if shown != template:
        head = {name: name.upper() for row in rows[:1] for name in row}
        rows = [head, *rows]
    for row in rows:
        say(filled(shown, row))
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


def _image(control: Control, options: argparse.Namespace) -> int:
    if options.order in {"ls", "list"}:
        return _image_ls(control, options)
    if options.order == "tag":
        return _tag(control, options)
    if options.order != "inspect":
        raise UnknownUsageError(f"image {options.order}")
    found = [_image_details(control, name) for name in options.names]
    if not options.format:
        say(json.dumps(found, indent=4))
    for each in found if options.format else ():
        say(filled(options.format, each))
    return 0


def _image_details(control: Control, name: str) -> dict[str, object]:
    digest = docker_store.image_id(control, name)
    names = [tag for tag, known in docker_store.tags(control).items() if known == digest]
    return {
        "Id": digest,
        "RepoTags": names,
        "RepoDigests": [],
        "Created": "2026-01-05T09:12:44.102938Z",
        "Size": 98_400_000,
        "Architecture": "amd64",
        "Os": "linux",
        "Config": {"Labels": {"org.opencontainers.image.version": "0.5.0"}},
    }


def _image_ls(control: Control, options: argparse.Namespace) -> int:
    known = docker_store.tags(control)
    wanted = options.names
    shown = {
        name: digest
        for name, digest in known.items()
        if not wanted or name in wanted or name.rpartition(":")[0] in wanted
    }
    rows = [
        {
            "Repository": name.rpartition(":")[0],
            "Tag": name.rpartition(":")[2],
            "ID": digest.removeprefix("sha256:")[:12],
            "CreatedSince": "6 weeks ago",
            "Size": "98.4MB",
        }
        for name, digest in shown.items()
    ]
    if options.quiet:
        say("\n".join(row["ID"] for row in rows))
    elif options.format:
        _templated(options.format, rows)
    else:
        head = ("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE")
        say(table([head, *(tuple(row.values()) for row in rows)]))
    return 0


def _tag(control: Control, options: argparse.Namespace) -> int:
    docker_store.tag(control, *options.names)
    return 0


def _volume(control: Control, options: argparse.Namespace) -> int:
    names = docker_store.volumes()
    if options.order in {"ls", "list"}:
        for each in options.filter:
            _, _, value = each.partition("name=")
            names = [name for name in names if value in name]
        if options.quiet:
            say("\n".join(names))
        elif options.format:
            _templated(options.format, [{"Name": n, "Driver": "local"} for n in names])
        else:
            say(table([("DRIVER", "VOLUME NAME"), *(("local", name) for name in names)]))
        return 0
    if options.order != "inspect":
        raise UnknownUsageError(f"volume {options.order}")
    for name in options.names:
        if name not in names:
            raise ToolError(f"Error response from daemon: get {name}: no such volume")
    found: list[dict[str, object]] = [
        {"Name": n, "Driver": "local", "Mountpoint": _mountpoint(control, n), "Scope": "local"}
        for n in options.names
    ]
    if not options.format:
        say(json.dumps(found, indent=4))
    for each_found in found if options.format else ():
        say(filled(options.format, each_found))
    return 0


def _mountpoint(control: Control, name: str) -> str:
    from procedures.sandbox.shims.container_commands import volume  # few commands want it

    return str(volume(control.state, name.removeprefix(f"{docker_store.PROJECT}_")))


def _system(_: Control, options: argparse.Namespace) -> int:
    if options.order != "df":
        raise UnknownUsageError(f"system {options.order}")
    rows: list[tuple[str, ...]] = [
        ("TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"),
        ("Images", "10", "7", "1.412GB", "196.8MB (13%)"),
        ("Containers", "9", "9", "12.4MB", "0B (0%)"),
        ("Local Volumes", "9", "9", "7.204GB", "0B (0%)"),
        ("Build Cache", "0", "0", "0B", "0B"),
    ]
    say(table(rows))
    return 0


def _info(_: Control, options: argparse.Namespace) -> int:
    facts = {
        "ServerVersion": "26.1.5",
        "Server": {"Version": "26.1.5"},
        "Client": {"Version": "26.1.5"},
        "DockerRootDir": "/var/lib/docker",
    }
    say(filled(options.format, facts) if options.format else "Server Version: 26.1.5")
    return 0
