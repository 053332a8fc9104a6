"""What happened to a deployment, for the list of what changed recently; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from procedures.reference.states import State


class ChangeKind(Enum):
    """What sort of change it was; the value is what the operator reads."""

    ROLLOUT = "rollout"
    IMAGE = "image"
    SCALE = "scale"
    STARTED = "started"
    STOPPED = "stopped"
    RESTART = "restart"
    """The unit ended by itself and was started again."""
    OUT_OF_MEMORY = "out of memory"
    FAILED = "failed"
    HEALTH = "health"
    CONFIGURATION = "configuration"
    BACKUP = "backup"
    ALERT = "alert"
    RUN = "run"
    """An operator walked a procedure."""
    OTHER = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened; every text is from outside and not cleaned.

    Attributes:
        at: When it happened; of several alike, the last.
        subject: What it happened to: a workload, a unit, a configuration's key.
        text: What happened, in the words of its source.
        state: OK for what is as it should be, WARNING and CRITICAL for trouble.
        times: How often it happened, since ``since``.
        since: When it happened first, if more than once.
        source: Who tells it: name of the target, ``alertmanager``, ``ledger``, ``backups``.
    """

    at: datetime
    kind: ChangeKind
    subject: str
    text: str
    state: State = State.OK
    times: int = 1
    since: datetime | None = None
    source: str = ""
