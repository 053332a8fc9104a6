"""What an operator can do to a workload at once: resolved command lines; pure."""

from dataclasses import dataclass
from enum import Enum

from procedures.reference.levels import Level


class Verb(Enum):
    """What is done; the value is what the operator reads."""

    RESTART = "restart"
    SCALE = "scale"
    STOP = "stop"
    START = "start"
    ROLL_BACK = "roll back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that can be done to a workload.

    Attributes:
        commands: What is executed, one argument list after another. Each is complete: context,
            namespace and project stand in it, so that it cannot reach another deployment.
        look: What shows afterwards how it went; changes nothing.
        undo: What takes it back; empty where nothing does.
        affects: What it will do, for the confirmation.
        ready: How many units must serve afterwards; None where that cannot be said.
        caution: What an operator should know before: an autoscaler that will undo it, an outage.
    """

    verb: Verb
    workload: str
    commands: tuple[tuple[str, ...], ...]
    look: tuple[tuple[str, ...], ...] = ()
    undo: tuple[tuple[str, ...], ...] = ()
    affects: str = ""
    level: Level = Level.CHANGE
    ready: int | None = None
    caution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why something cannot be done here; ``fix`` is what can be done instead."""

    verb: Verb
    why: str
    fix: str = ""
