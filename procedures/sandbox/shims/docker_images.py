"""docker image, volume and system."""

import argparse
import json

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import docker_store
from procedures.sandbox.shims.templates import filled, templated
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say, table


def image(control: Control, options: argparse.Namespace) -> int:
    """Answer ``docker image``."""
    if options.order in {"ls", "list"}:
        return list_images(control, options)
    if options.order == "tag":
        return tag(control, options)
    if options.order != "inspect":
        raise UnknownUsageError(f"image {options.order}")
    found = [image_details(control, name) for name in options.names]
    if not options.format:
        say(json.dumps(found, indent=4))
    for each in found if options.format else ():
        say(filled(options.format, each))
    return 0


def image_details(control: Control, name: str) -> dict[str, object]:
    """Return an image as ``docker inspect`` shows it."""
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


def list_images(control: Control, options: argparse.Namespace) -> int:
    """List images, all or those of one name."""
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
        templated(options.format, rows)
    else:
        head = ("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE")
        say(table([head, *(tuple(row.values()) for row in rows)]))
    return 0


def tag(control: Control, options: argparse.Namespace) -> int:
    """Give an image another name."""
    docker_store.tag(control, *options.names)
    return 0


def volume(control: Control, options: argparse.Namespace) -> int:
    """Answer ``docker volume``."""
    names = docker_store.volumes()
    if options.order in {"ls", "list"}:
        for each in options.filter:
            _, _, value = each.partition("name=")
            names = [name for name in names if value in name]
        if options.quiet:
            say("\n".join(names))
        elif options.format:
            templated(options.format, [{"Name": n, "Driver": "local"} for n in names])
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
    from procedures.sandbox.shims import container_commands  # few commands want it

    own = name.removeprefix(f"{docker_store.PROJECT}_")
    return str(container_commands.volume(control.state, own))


def system(_: Control, options: argparse.Namespace) -> int:
    """Answer ``docker system df``."""
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
