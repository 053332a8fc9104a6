"""Events of a namespace as changes; pure.

What every start of a pod writes (``Scheduled``, ``Pulled``, ``Created``) is left out: the start
itself, and whatever hinders it, is told.
"""

from collections.abc import Mapping
from types import MappingProxyType

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.kubernetes.fields import Json, count, instant, text

_ROUTINE = frozenset(
    {
        "Created",
        "LeaderElection",
        "Pulled",
        "Pulling",
        "SawCompletedJob",
        "Scheduled",
        "SuccessfulCreate",
        "SuccessfulDelete",
        "SuccessfulAttachVolume",
    }
)
_KINDS: Mapping[str, tuple[ChangeKind, State]] = MappingProxyType(
    {
        "BackOff": (ChangeKind.FAILED, State.CRITICAL),
        "DeadlineExceeded": (ChangeKind.FAILED, State.CRITICAL),
        "DeploymentRollback": (ChangeKind.ROLLOUT, State.OK),
        "ErrImageNeverPull": (ChangeKind.FAILED, State.CRITICAL),
        "Evicted": (ChangeKind.FAILED, State.CRITICAL),
        "Failed": (ChangeKind.FAILED, State.CRITICAL),
        "FailedCreate": (ChangeKind.FAILED, State.CRITICAL),
        "FailedCreatePodSandBox": (ChangeKind.FAILED, State.WARNING),
        "FailedMount": (ChangeKind.FAILED, State.WARNING),
        "FailedScheduling": (ChangeKind.FAILED, State.WARNING),
        "Killing": (ChangeKind.STOPPED, State.OK),
        "NodeNotReady": (ChangeKind.HEALTH, State.WARNING),
        "OOMKilling": (ChangeKind.OUT_OF_MEMORY, State.CRITICAL),
        "Preempted": (ChangeKind.FAILED, State.WARNING),
        "ProbeWarning": (ChangeKind.HEALTH, State.WARNING),
        "ScalingReplicaSet": (ChangeKind.SCALE, State.OK),
        "Started": (ChangeKind.STARTED, State.OK),
        "SuccessfulRescale": (ChangeKind.SCALE, State.OK),
        "Unhealthy": (ChangeKind.HEALTH, State.WARNING),
    }
)


def change_of(event: Json, source: str) -> Change | None:
    """Return what an event tells; None for what is routine, and for what has no time.

    Both shapes are read: that of ``v1``, which counts, and that of ``events.k8s.io``, which keeps
    a series.
    """
    reason = text(event, "reason")
    first = instant(event, "firstTimestamp") or instant(event, "deprecatedFirstTimestamp")
    first = first or instant(event, "eventTime") or instant(event, "metadata", "creationTimestamp")
    last = (
        instant(event, "series", "lastObservedTime")
        or instant(event, "lastTimestamp")
        or instant(event, "deprecatedLastTimestamp")
        or first
    )
    if last is None or first is None or reason in _ROUTINE:
        return None
    times = count(event, "series", "count") or count(event, "count")
    times = max(times or count(event, "deprecatedCount"), 1)
    is_bad = event.get("type") == "Warning"
    kind, state = _KINDS.get(reason, (ChangeKind.OTHER, State.WARNING if is_bad else State.OK))
    said = text(event, "message") or text(event, "note")
    return Change(
        at=last,
        kind=kind,
        subject=subject_of(event),
        text=f"{reason}: {said}" if said else reason,
        state=state,
        times=times,
        since=first if times > 1 else None,
        source=source,
    )


def subject_of(event: Json) -> str:
    """Return the name of what an event is about."""
    return text(event, "involvedObject", "name") or text(event, "regarding", "name")
