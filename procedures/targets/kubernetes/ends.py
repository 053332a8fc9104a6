"""How containers ended, as changes; pure."""

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.kubernetes.fields import Json, count, instant, name_of, part, parts, text


def ends_of(pod: Json, source: str) -> list[Change]:
    """Return the last ends of a pod's containers that the pod's status tells of.

    One end is told in the same words while the container is down and when it is up again.
    """
    found = []
    for each in parts(pod, "status", "initContainerStatuses"):
        found += [_end(pod, each, end, source) for end in _ended(each) if count(end, "exitCode")]
    for each in parts(pod, "status", "containerStatuses"):
        found += [_end(pod, each, end, source) for end in _ended(each)]
    if text(pod, "status", "reason") == "Evicted":
        found.append(_eviction(pod, source))
    return sorted((each for each in found if each is not None), key=lambda change: change.at)


def _ended(status: Json) -> list[Json]:
    ends = (part(status, "lastState", "terminated"), part(status, "state", "terminated"))
    return [end for end in ends if end]


def _end(pod: Json, status: Json, end: Json, source: str) -> Change | None:
    at = instant(end, "finishedAt")
    if at is None:
        return None
    kind, state = _sort(pod, end)
    signal, reason = count(end, "signal"), text(end, "reason")
    how = f"signal {signal}" if signal else f"exit code {count(end, 'exitCode')}"
    return Change(
        at=at,
        kind=kind,
        subject=name_of(pod),
        text=f"{text(status, 'name')} ended with {how}" + (f": {reason}" if reason else ""),
        state=state,
        source=source,
    )


def _sort(pod: Json, end: Json) -> tuple[ChangeKind, State]:
    """Return what sort of end it was: asked for, for want of memory, by itself."""
    if end.get("reason") == "OOMKilled":
        return ChangeKind.OUT_OF_MEMORY, State.CRITICAL
    went_well = not count(end, "exitCode") and not count(end, "signal")
    if part(pod, "metadata").get("deletionTimestamp"):
        return ChangeKind.STOPPED, State.OK
    policy = text(pod, "spec", "restartPolicy") or "Always"
    if policy == "Always" or (policy == "OnFailure" and not went_well):
        return ChangeKind.RESTART, State.WARNING if went_well else State.CRITICAL
    return (ChangeKind.STOPPED, State.OK) if went_well else (ChangeKind.FAILED, State.CRITICAL)


def _eviction(pod: Json, source: str) -> Change | None:
    at = instant(pod, "status", "startTime") or instant(pod, "metadata", "creationTimestamp")
    if at is None:
        return None
    said = text(pod, "status", "message")
    return Change(
        at=at,
        kind=ChangeKind.FAILED,
        subject=name_of(pod),
        text=f"Evicted: {said}" if said else "Evicted",
        state=State.CRITICAL,
        source=source,
    )
