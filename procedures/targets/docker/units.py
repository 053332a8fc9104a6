"""Containers of a compose project become workloads; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from procedures.targets.docker.ends import End
from procedures.targets.values import NO_USE, Kind, Phase, Unit, Use, Workload

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
ONE_OFF = "com.docker.compose.oneoff"
CONFIG_FILES = "com.docker.compose.project.config_files"
WORKING_DIR = "com.docker.compose.project.working_dir"
ENVIRONMENT_FILE = "com.docker.compose.project.environment_file"
IMAGE = "com.docker.compose.image"
"""Id of the image, as only newer versions of compose note it."""

Json = Mapping[str, Any]
"""What the engine tells of a container."""

_NEVER = "0001-01-01"
_PHASES = {
    "created": Phase.WAITING,
    "running": Phase.RUNNING,
    "paused": Phase.STOPPED,
    "restarting": Phase.FAILED,
    "removing": Phase.STOPPING,
    "exited": Phase.STOPPED,
    "dead": Phase.FAILED,
}


_ASKED_TO_END = frozenset({0, 130, 137, 143})
"""Exit codes of who ended in good order, or by INT, KILL or TERM, which a stop sends."""
_KEPT_UP = frozenset({"always", "unless-stopped"})
"""Policies under which the engine starts a container again unless an operator stopped it."""
_SHORT = 12
_LONGEST_WORDS = 200
"""Of what a health check said."""


def workloads_of(
    inspected: Iterable[Json],
    service: str,
    *,
    uses: Mapping[str, Use] = MappingProxyType({}),
    ends: Mapping[str, End] = MappingProxyType({}),
    digests: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Workload, ...]:
    """Return the services of a project, the one that is the service itself first.

    Compose keeps no number of containers that are wanted: what was created and not taken away
    again counts, so that one which ended is missing. The service itself is there even without
    a container.

    Args:
        inspected: The containers, as the engine tells of each.
        service: Name of the compose service that is the service itself.
        uses: What containers use, by id, as far as it is known.
        ends: How containers ended before they were started again, by id, as far as it is known.
        digests: Digests in a registry, by id of the image, as far as there are any.
    """
    groups: dict[str, list[Json]] = {service: []}
    for container in inspected:
        groups.setdefault(labels_of(container).get(SERVICE, ""), []).append(container)
    found = []
    for name in sorted(groups, key=lambda name: (name != service, name)):
        units = tuple(
            unit_of(
                each,
                name,
                uses.get(str(each["Id"]), NO_USE),
                end=ends.get(str(each["Id"])),
                digest=digests.get(str(each.get("Image")), ""),
            )
            for each in sorted(groups[name], key=_number)
        )
        found.append(_workload(name, units))
    return tuple(found)


def _workload(name: str, units: tuple[Unit, ...]) -> Workload:
    several = len({unit.version for unit in units}) > 1
    return Workload(
        name=name,
        kind=Kind.COMPOSE_SERVICE,
        units=units,
        wanted=len(units) or None,
        ready=sum(unit.serves for unit in units),
        notes=("its containers run different images",) if several else (),
    )


def unit_of(
    container: Json, workload: str, use: Use, *, end: End | None = None, digest: str = ""
) -> Unit:
    """Return a container; of one that is down, its health says nothing."""
    state = container.get("State") or {}
    config = container.get("Config") or {}
    settings = container.get("HostConfig") or {}
    phase, word, ready = _standing(container)
    up = phase in _UP or word == "paused"
    if not up:
        end = None  # it has ended since
    version = short(str(container.get("Image") or ""))
    limit = settings.get("Memory")
    began = state.get("StartedAt") if up else state.get("FinishedAt")
    exit_code = end.exit_code if end else _exit_code(state)
    return Unit(
        id=str(container["Id"]),
        name=str(container.get("Name", "")).removeprefix("/"),
        workload=workload,
        phase=phase,
        word=word,
        ready=ready,
        restarts=int(container.get("RestartCount") or 0),
        began_at=time_of(began) or time_of(container.get("Created")),
        image=str(config.get("Image") or ""),
        version=f"{version} {digest}".rstrip(),
        exit_code=exit_code,
        out_of_memory=end.out_of_memory if end else bool(state.get("OOMKilled")),
        reason=_reason(state, exit_code),
        use=replace(use, memory_limit_bytes=float(limit) if limit else None) if up else NO_USE,
    )


def _standing(container: Json) -> tuple[Phase, str, bool | None]:
    """Return a container's phase, the engine's word for it, and whether it is ready."""
    state = container.get("State") or {}
    status = str(state.get("Status") or "unknown")
    phase = _PHASES.get(status, Phase.UNKNOWN)
    if phase is Phase.RUNNING:
        health = str((state.get("Health") or {}).get("Status") or "none")
        if health == "none":
            return phase, status, None
        return (Phase.STARTING if health == "starting" else phase), health, health == "healthy"
    if state.get("OOMKilled") or state.get("Error"):
        return Phase.FAILED, status, None
    if status == "exited" and int(state.get("ExitCode") or 0) not in _ASKED_TO_END:
        policy = (container.get("HostConfig") or {}).get("RestartPolicy") or {}
        # One that the engine keeps up is only down because an operator stopped it.
        if policy.get("Name") not in _KEPT_UP:
            return Phase.FAILED, status, None
    return phase, status, None


def short(image: str) -> str:
    """Return an id or a digest as the ``docker`` command shows it."""
    return image.removeprefix("sha256:")[:_SHORT]


_UP = frozenset({Phase.RUNNING, Phase.STARTING})


def labels_of(container: Json) -> Mapping[str, str]:
    """Return the labels of a container, as a list or an inspection tells them."""
    found = container.get("Labels") or (container.get("Config") or {}).get("Labels") or {}
    return dict(found)


def time_of(text: object) -> datetime | None:
    """Return a time of the engine; None for one that never was."""
    if not isinstance(text, str) or not text or text.startswith(_NEVER):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _exit_code(state: Json) -> int | None:
    """Return how a container ended last; a start makes the engine forget it."""
    if state.get("Running") or time_of(state.get("FinishedAt")) is None:
        return None
    return int(state.get("ExitCode") or 0)


def _reason(state: Json, exit_code: int | None) -> str:
    status = state.get("Status")
    if error := state.get("Error"):
        return str(error)
    if status == "running":
        return _illness(state)
    if state.get("OOMKilled"):
        return "killed for want of memory"
    if status == "restarting":
        return f"ends again and again, last with exit status {exit_code}"
    if status == "paused":
        return "paused"
    if status == "exited" and exit_code:
        return f"ended with exit status {exit_code}"
    return ""


def _illness(state: Json) -> str:
    health = state.get("Health") or {}
    if health.get("Status") != "unhealthy":
        return ""
    log = health.get("Log") or [{}]
    said = " ".join(str(log[-1].get("Output") or "").split())[:_LONGEST_WORDS]
    return f"its health check fails: {said}" if said else "its health check fails"


def _number(container: Json) -> tuple[int, str]:
    number = labels_of(container).get(NUMBER, "")
    return (int(number) if number.isdecimal() else 0, str(container.get("Name", "")))
