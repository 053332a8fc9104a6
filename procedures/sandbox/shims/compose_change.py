"""docker-compose: starting, stopping, recreating and taking down."""

import argparse
import re
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.fleet_size import REPLICAS
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.compose import chosen
from procedures.sandbox.shims.containers import APP, BESIDE, SERVICES
from procedures.sandbox.shims.observed import (
    act_and_wait,
    observe,
    restart_and_wait,
    wait_until,
)
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, complain

_SETTING = re.compile(r"^\s+(?:-\s*)?([A-Z][A-Z0-9_]+)\s*[:=]\s*[\"']?([^\"'\n]*)", re.MULTILINE)
_MEMORY = re.compile(r"^\s+(?:mem_limit|memory):\s*[\"']?(\d+)([bkmg]?)", re.MULTILINE | re.I)
_FACTORS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def change(control: Control, options: argparse.Namespace, files: list[str]) -> int:
    """Carry out what the action orders for the chosen services."""
    if options.action in {"pull", "build"}:
        for service in options.services or SERVICES:
            complain(f" {service} {'Pulled' if options.action == 'pull' else 'Built'}")
        return 0
    if options.action == "up":
        if not options.detach and not options.wait:
            raise UnknownUsageError("up without -d")
        return _up(control, options, files)
    names = [c.process.name for c in chosen(control, options)]
    live = [name for name in names if name not in BESIDE]
    if options.action == "restart":
        restart_and_wait(control, live, ready=False)
        _keep_beside(control, names, stopped=False)
        done = "Started"
    elif options.action == "start":
        act_and_wait(control, live, "start", {"starting", "ready", "hung"})
        _keep_beside(control, names, stopped=False)
        done = "Started"
    else:
        act_and_wait(control, live, "stop", {"stopped"})
        _keep_beside(control, names, stopped=True)
        done = {"kill": "Killed", "stop": "Stopped"}.get(options.action, "Removed")
    for name in names:
        complain(f" Container {name if name.startswith(APP) else f'llm-config-{name}'}  {done}")
    if options.action in {"down", "rm"}:
        gone = list(options.services or SERVICES)
        Kept(control.state.kept).set("docker.removed", gone)
    return 0


def _up(control: Control, options: argparse.Namespace, files: list[str]) -> int:
    kept = Kept(control.state.kept)
    services = list(options.services or SERVICES)
    removed = [name for name in kept.get("docker.removed", []) if name not in services]
    kept.set("docker.removed", removed or None)
    for wish in options.scale:
        _scale(control, *wish.partition("=")[::2])
    before = observe(control)
    running = [r.name for r in before.members if r.running]
    changed = APP in services and _configure(control, files)
    found = chosen(control, options)
    names = [c.process.name for c in found]
    live = [name for name in names if name not in BESIDE]
    if APP in services and (changed or options.force_recreate) and running:
        restart_and_wait(control, running, ready=False)
    act_and_wait(control, live, "start", {"starting", "ready", "hung"})
    _keep_beside(control, names, stopped=False)
    if options.wait:
        act_and_wait(control, live, "start", {"ready", "hung"})
    for container in found:
        complain(f" Container {container.name}  Started")
    return 0


def _scale(control: Control, service: str, count: str) -> None:
    """Want so many containers of the service; return when those beyond them are gone."""
    if service != APP or not count.isdecimal() or int(count) > REPLICAS:
        raise UnknownUsageError(f"--scale {service}={count}")
    wanted = int(count)
    control.post(f"/scale/{wanted}")
    if wait_until(control, lambda seen: len(seen.members) == wanted) is None:
        raise ToolError(f"timed out waiting for {service} to be scaled")


def _configure(control: Control, files: list[str]) -> bool:
    """Take the app's environment and memory limit from further compose files; tell of a change."""
    kept = Kept(control.state.kept)
    texts = [Path(name).read_text() for name in files if Path(name) != control.state.compose_file]
    wanted = {
        name: value.strip()
        for text in texts
        for name, value in _SETTING.findall(text)
        if "$" not in value
    }
    limits = [match for text in texts for match in _MEMORY.findall(text)]
    memory = int(limits[-1][0]) * _FACTORS[limits[-1][1].lower()] if limits else None
    before = (kept.under("env"), kept.get("docker.memory"))
    for name in {*before[0], *wanted}:
        kept.set(f"env.{name}", wanted.get(name))
    kept.set("docker.memory", memory)
    return before != (wanted, memory)


def _keep_beside(control: Control, names: list[str], *, stopped: bool) -> None:
    kept = Kept(control.state.kept)
    for name in names:
        if name in BESIDE:
            kept.set(f"docker.stopped.{name}", True if stopped else None)
