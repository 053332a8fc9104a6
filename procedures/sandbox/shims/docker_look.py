"""docker inspect and stats."""

import argparse
import json

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import docker_store
from procedures.sandbox.shims.containers import containers, find
from procedures.sandbox.shims.docker_details import details, memory_limit
from procedures.sandbox.shims.docker_images import image_details
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.templates import filled, templated
from procedures.sandbox.shims.usage import ToolError, say, table

_MIB = 1024**2


def inspect(control: Control, options: argparse.Namespace) -> int:
    """Print what is known of containers, or of images."""
    seen = observe(control)
    found = []
    for name in options.names:
        try:
            found.append(details(control, find(seen, control, name)))
        except ToolError:
            if name not in docker_store.tags(control):
                raise ToolError(f"Error: No such object: {name}") from None
            found.append(image_details(control, name))
    if not options.format:
        say(json.dumps(found, indent=4))
    for each in found if options.format else ():
        say(filled(options.format, each))
    return 0


def stats(control: Control, options: argparse.Namespace) -> int:
    """Print what containers use."""
    seen = observe(control)
    running = [c for c in containers(seen, control) if c.process.running]
    shown = [find(seen, control, name) for name in options.names] or running
    limit = memory_limit(control)
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
        return templated(options.format, rows)
    names = ("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs")
    head = ("CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O")
    say(table([(*head, "PIDS"), *(tuple(row[name] for name in names) for row in rows)]))
    return 0
