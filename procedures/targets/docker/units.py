"""Containers of a compose project become workloads; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from procedures.targets.values import NO_USE, Kind, Phase, Unit, Use, Workload

PROJECT = "com.docker.compose.project"
SERVICE = "com.docker.compose.service"
NUMBER = "com.docker.compose.container-number"
ONE_OFF = "com.docker.compose.oneoff"
CONFIG_FILES = "com.docker.compose.project.config_files"
WORKING_DIR = "com.docker.compose.project.working_dir"

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


def workloads_of(
    inspected: Iterable[Json], service: str, uses: Mapping[str, Use]
) -> tuple[Workload, ...]:
    """Return the services of a project, the one that is the service itself first.

    Compose keeps no number of containers that are wanted: what was created and not taken away
    again counts, so that one which ended is missing.

    Args:
        inspected: The containers, as the engine tells of each.
        service: Name of the compose service that is the service itself.
        uses: What containers use, by id, as far as it is known.
    """
    groups: dict[str, list[Json]] = {}
    for container in inspected:
        groups.setdefault(labels_of(container).get(SERVICE, ""), []).append(container)
    names = sorted(groups, key=lambda name: (name != service, name))
    return tuple(_workload(name, groups[name], uses) for name in names)


def _workload(name: str, containers: Sequence[Json], uses: Mapping[str, Use]) -> Workload:
    ordered = sorted(containers, key=_number)
    units = tuple(unit_of(each, name, uses.get(str(each["Id"]), NO_USE)) for each in ordered)
    images = {unit.version for unit in units}
    return Workload(
        name=name,
        kind=Kind.COMPOSE_SERVICE,
        units=units,
        wanted=len(units),
        ready=sum(unit.serves for unit in units),
        notes=("its containers run different images",) if len(images) > 1 else (),
    )


def unit_of(container: Json, workload: str, use: Use) -> Unit:
    """Return a container; of one that is down, its health says nothing."""
    state = container.get("State") or {}
    status = str(state.get("Status") or "unknown")
    phase = _PHASES.get(status, Phase.UNKNOWN)
    exit_code = _exit_code(state, container)
    if status == "exited" and exit_code:
        phase = Phase.FAILED
    health = str((state.get("Health") or {}).get("Status") or "")
    ready, word = None, status
    if phase is Phase.RUNNING and health:
        ready = health == "healthy"
        word = health if health != "healthy" else "healthy"
        if health == "starting":
            phase = Phase.STARTING
    config = container.get("Config") or {}
    began = state.get("StartedAt") if phase in _UP else state.get("FinishedAt")
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
        version=str(container.get("Image") or ""),
        exit_code=exit_code,
        out_of_memory=bool(state.get("OOMKilled")),
        reason=_reason(state, health, exit_code),
        use=Use(
            cpu_cores=use.cpu_cores,
            memory_bytes=use.memory_bytes,
            memory_limit_bytes=float((container.get("HostConfig") or {}).get("Memory") or 0)
            or None,
        )
        if phase in _UP
        else NO_USE,
    )


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


def _exit_code(state: Json, container: Json) -> int | None:
    """Return how a container ended last; one that never did has no exit code."""
    if time_of(state.get("FinishedAt")) is None:
        return None
    if state.get("Running") and not container.get("RestartCount") and not state.get("ExitCode"):
        return None
    return int(state.get("ExitCode") or 0)


def _reason(state: Json, health: str, exit_code: int | None) -> str:
    status = state.get("Status")
    if state.get("OOMKilled") and status != "running":
        return "killed for want of memory"
    if status == "restarting":
        return f"ends again and again, last with exit status {exit_code}"
    if status == "running" and health == "unhealthy":
        log = (state.get("Health") or {}).get("Log") or [{}]
        said = " ".join(str(log[-1].get("Output") or "").split())[:200]
        return f"its health check fails: {said}" if said else "its health check fails"
    if status == "paused":
        return "paused"
    return str(state.get("Error") or "")


def _number(container: Json) -> tuple[int, str]:
    number = labels_of(container).get(NUMBER, "")
    return (int(number) if number.isdecimal() else 0, str(container.get("Name", "")))
