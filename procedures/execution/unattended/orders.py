"""What an operator decides beforehand of a run that nobody attends; pure values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from procedures.execution.run.run import StepRecord


def _none() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a command ended whose end nobody recorded, and how the operator found out."""

    passed: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Answers given in advance, by id of the step; on a way back also by id of what is undone.

    Attributes:
        allow_destructive: Steps that may run although they destroy something.
        ticked: Steps whose manual items are all done.
        chosen: Number (from 1) or label of the way out.
        skipped: Reasons to leave steps out.
        overridden: Reasons to go on although a precondition fails.
        retried: Failed steps to do once more.
        rechecked: Failed steps to check once more, without their command.
        resolved: Words on commands that are in doubt.
        asked_again: Steps for which a second person is asked anew, who refused.
    """

    allow_destructive: frozenset[str] = frozenset()
    ticked: frozenset[str] = frozenset()
    chosen: Mapping[str, str] = field(default_factory=_none)
    skipped: Mapping[str, str] = field(default_factory=_none)
    overridden: Mapping[str, str] = field(default_factory=_none)
    retried: frozenset[str] = frozenset()
    rechecked: frozenset[str] = frozenset()
    resolved: Mapping[str, Resolution] = field(default_factory=lambda: MappingProxyType({}))
    asked_again: frozenset[str] = frozenset()

    @property
    def steps(self) -> Iterator[str]:
        """Every step that is named."""
        for group in (
            self.allow_destructive,
            self.ticked,
            self.chosen,
            self.skipped,
            self.overridden,
            self.retried,
            self.rechecked,
            self.resolved,
            self.asked_again,
        ):
            yield from group


class Halt(Enum):
    """Why a walk that nobody attends does not go on; the words are stable, for programs."""

    COMPLETED = "completed"
    ROLLED_BACK = "rolled-back"
    ABORTED = "aborted"
    FAILED = "failed"
    PRECONDITION = "precondition"
    ITEMS = "items"
    CHOICE = "choice"
    ELSEWHERE = "elsewhere"
    """A choice leads to another procedure."""
    INTERACTIVE = "interactive"
    PAUSED = "paused"
    CHANGED = "changed"
    """The document is another one than when the run began."""
    BLOCKED = "blocked"
    DESTRUCTIVE = "destructive"
    """The step destroys something and is not named."""
    REFUSED = "refused"
    SECOND_PERSON = "second-person"
    DOUBT = "doubt"
    FOLLOWS = "follows"
    """Another console drives the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """The end of a walk for now.

    Attributes:
        what: What stands in the way, one sentence without a full stop.
        option: What to add to the same command to go on; may be empty.
        fix: Another next move; may be empty.
    """

    halt: Halt
    what: str
    step_id: str = ""
    option: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaken:
    """A decision was recorded that the orders asked for.

    Attributes:
        turn: confirmed, skipped, ticked, chosen, retried, resolved or approval-requested.
        detail: In what words; may be empty.
    """

    step_id: str
    turn: str
    detail: str = ""


def named(record: StepRecord, among: "frozenset[str] | Mapping[str, object]") -> str:
    """Return the name by which ``among`` holds the step: its own, or that of what it undoes."""
    return next((name for name in (record.id, record.undoes) if name and name in among), "")
