"""docker-compose and docker compose."""

import argparse
import json
import os
import shlex
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import container_logs, inside
from procedures.sandbox.shims.compose_parser import parser
from procedures.sandbox.shims.containers import APP, SERVICES, Container, containers
from procedures.sandbox.shims.docker_store import insist_on_this_engine
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.spans import spoken
from procedures.sandbox.shims.templates import filled
from procedures.sandbox.shims.usage import ToolError, say, table

_PROJECT = "llm-config"


def run(control: Control, argv: list[str]) -> int:
    """Answer one compose command line."""
    options = parser().parse_mixed(argv, "services")
    insist_on_this_engine(control, options.host, options.context)
    if options.action == "version":
        say("2.26.1" if options.short else "Docker Compose version v2.26.1")
        return 0
    for name in files(options):
        if not Path(name).exists():
            raise ToolError(f"open {Path(name).absolute()}: no such file or directory", 14)
    project = options.project or os.environ.get("COMPOSE_PROJECT_NAME") or _PROJECT
    if project != _PROJECT:
        raise ToolError(f'no container found for project "{project}": not found')
    for service in _services(options):
        if service not in SERVICES:
            raise ToolError(f"no such service: {service}")
    looking = {
        "ps": _ps,
        "logs": _logs,
        "exec": _exec,
        "run": _run,
        "config": _config,
        "images": _images,
        "top": _top,
    }
    if options.action in looking:
        return looking[options.action](control, options)
    from procedures.sandbox.shims import compose_change  # only changes want it

    return compose_change.change(control, options, files(options))


def files(options: argparse.Namespace) -> list[str]:
    """Return the compose files that a command is about; without any it finds none."""
    if options.file:
        return list(options.file)
    named = os.environ.get("COMPOSE_FILE", "")
    if named:
        return named.split(":")
    if not Path("docker-compose.yml").exists():
        raise ToolError("no configuration file provided: not found", 14)
    return ["docker-compose.yml"]


def _services(options: argparse.Namespace) -> list[str]:
    if options.action in {"exec", "run"}:
        return [options.service]
    return list(options.services)


def chosen(control: Control, options: argparse.Namespace) -> list[Container]:
    """Return the containers of the services that are named, or of all."""
    wanted = _services(options) or SERVICES
    return [c for c in containers(observe(control), control) if c.service in wanted]


def _ps(control: Control, options: argparse.Namespace) -> int:
    found = [c for c in chosen(control, options) if options.all or c.process.running]
    if options.status:
        found = [c for c in chosen(control, options) if c.state == options.status]
    if options.names_only:
        say("\n".join(dict.fromkeys(c.service for c in found)))
    elif options.quiet:
        say("\n".join(c.id for c in found))
    elif options.format == "json":
        say("\n".join(json.dumps(_row(c)) for c in found))
    elif "{{" in options.format:
        say("\n".join(filled(options.format.removeprefix("table "), _row(c)) for c in found))
    else:
        head = ("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS")
        rows = [
            (c.name, c.image, f'"{c.command[:18]}…"', c.service, _created(c), c.status, c.ports)
            for c in found
        ]
        say(table([head, *rows]))
    return 0


def _created(container: Container) -> str:
    return f"{spoken(container.now - container.process.started_at)} ago"


def _row(container: Container) -> dict[str, object]:
    return {
        "ID": container.id[:12],
        "Name": container.name,
        "Names": container.name,
        "Service": container.service,
        "Project": _PROJECT,
        "Image": container.image,
        "State": container.state,
        "Health": container.health if container.process.running else "",
        "ExitCode": container.exit_code,
        "Status": container.status,
        "Ports": container.ports,
    }


def _logs(control: Control, options: argparse.Namespace) -> int:
    found = chosen(control, options)
    tail = container_logs.tail_count(options.tail)
    names = {c.process.name: c.name for c in found}
    width = max(map(len, names.values()), default=0)
    for source, line in container_logs.read(control, list(names), since_s=options.since, tail=tail):
        prefix = "" if options.no_log_prefix else f"{names[source].ljust(width)}  | "
        say(prefix + line)
    return 0


def _exec(control: Control, options: argparse.Namespace) -> int:
    found = [c for c in chosen(control, options) if c.process.running]
    if not found:
        raise ToolError(f'service "{options.service}" is not running')
    extra = dict(each.partition("=")[::2] for each in options.env)
    return inside.run(control, options.service, options.command, extra=extra)


def _run(control: Control, options: argparse.Namespace) -> int:
    command = list(options.command)
    if options.entrypoint:
        command = [*shlex.split(options.entrypoint), *command]
    elif options.service == APP and command[:1] == ["llm-config-server"]:
        command[0] = "/usr/local/bin/llm-config-server"
    extra = dict(each.partition("=")[::2] for each in options.env)
    return inside.run(control, options.service, command, extra=extra)


def _config(control: Control, options: argparse.Namespace) -> int:
    if options.quiet:
        return 0
    if options.images:
        say("\n".join(image for image, _, _ in SERVICES.values()))
    elif options.names_only:
        say("\n".join(SERVICES))
    elif options.volumes:
        from procedures.sandbox.shims.docker_store import VOLUMES

        say("\n".join(VOLUMES))
    else:
        say(control.state.compose_file.read_text().rstrip("\n"))
    return 0


def _images(control: Control, options: argparse.Namespace) -> int:
    from procedures.sandbox.shims.docker_store import image_id

    found = chosen(control, options)
    if options.quiet:
        say("\n".join(image_id(control, c.image).removeprefix("sha256:") for c in found))
        return 0
    head = ("CONTAINER", "REPOSITORY", "TAG", "IMAGE ID", "SIZE")
    rows = [
        (
            c.name,
            *c.image.rsplit(":", 1),
            image_id(control, c.image).removeprefix("sha256:")[:12],
            "98.4MB",
        )
        for c in found
    ]
    say(table([head, *rows]))
    return 0


def _top(control: Control, options: argparse.Namespace) -> int:
    for c in chosen(control, options):
        say(f"{c.name}\nUID    PID    CMD\n1000   {1_000 + c.process.ordinal}   {c.command}\n")
    return 0
