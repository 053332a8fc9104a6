"""What the containers themselves still tell of the past, once the engine's events are gone; pure.

The engine keeps its last 256 events, and health checks fill that within minutes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.docker.units import time_of, unit_of
from procedures.targets.values import NO_USE, Phase

Json = Mapping[str, Any]
_NEAR = timedelta(seconds=2)
"""Between an event and the time that the container keeps of it."""


def remembered(
    inspected: Iterable[Json], since: datetime, told: Iterable[Change], source: str
) -> list[Change]:
    """Return the last start or end of each container since a time, unless it is told already.

    Args:
        inspected: The containers, as the engine tells of each.
        since: From when on.
        told: What events tell.
        source: Name of the target.
    """
    known: dict[str, list[datetime]] = {}
    for each in told:
        known.setdefault(each.subject, []).append(each.at)
    found = []
    for container in inspected:
        change = _last_of(container, source)
        if change is None or change.at < since:
            continue
        if not any(abs(at - change.at) <= _NEAR for at in known.get(change.subject, ())):
            found.append(change)
    return found


def _last_of(container: Json, source: str) -> Change | None:
    unit = unit_of(container, "", NO_USE)
    state = container.get("State") or {}
    begun, ended = time_of(state.get("StartedAt")), time_of(state.get("FinishedAt"))
    kind, text, worth, at = ChangeKind.STARTED, "started", State.OK, begun
    if unit.phase not in {Phase.RUNNING, Phase.STARTING}:
        at = ended
        kind, text = ChangeKind.STOPPED, "stopped"
        if unit.out_of_memory:
            kind, text, worth = ChangeKind.OUT_OF_MEMORY, "ran out of memory", State.CRITICAL
        elif unit.phase is Phase.FAILED:
            kind, worth = ChangeKind.FAILED, State.CRITICAL
            text = f"ended with exit status {unit.exit_code}"
    elif unit.restarts and ended is not None:
        kind, worth = ChangeKind.RESTART, State.WARNING
        text = "ended and was started again"
    if at is None:
        return None
    return Change(at=at, kind=kind, subject=unit.name, text=text, state=worth, source=source)
