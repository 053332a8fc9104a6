"""One walk of a procedure, as plain values: what an operator sees of it at any moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType

from procedures.environment import Method
from procedures.reference.levels import Level


class StepStatus(Enum):
    """Where a step stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    IN_DOUBT = "in doubt"
    SKIPPED = "skipped"


class Stage(Enum):
    """What a step has to get through to pass; it passes when none is left."""

    COMMAND = "command"
    CHECKS = "checks"
    WAIT = "wait"
    ITEMS = "items"
    CHOICE = "choice"


class RunOutcome(Enum):
    """How a run ended, if it has."""

    OPEN = "open"
    COMPLETED = "completed"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What came of one check.

    Attributes:
        text: The check as the document writes it.
        passed: None when it could not be found out, which never counts as passed.
        detail: What was seen, or why nothing could be.
    """

    text: str
    passed: bool | None
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What has happened to one step.

    Its shape (``stages``, ``items``, ``choices``) is that of the document when the run began.

    Attributes:
        stages: What it has to get through, in order.
        items: Number of items to tick.
        choices: Number of ways out to choose from.
        remaining: Stages that it still has to get through in this attempt.
        level: As it was confirmed or started; None before.
        binding: Fingerprint of the script, inputs and environment that were confirmed.
        command_ended_at: When the command did; ``ended_at`` is when the whole step did.
        exit_code: Of the command; None while it runs and when a signal ended it.
        reason: Why it failed, was skipped, is in doubt or went on despite a failed precondition.
        attempt: From 1; a retry adds one.
        ticked: Positions of the ticked items, from 0.
        chosen: Position of the chosen way out, from 0.
        results: Of expected output, checks and wait, in the order in which they were judged.
        folder: Where the supervisor keeps the command's output and end; empty without a command.
        host: Name of the machine on which that folder and the command are.
        waiting_since: Begin of the present soak, which a restart of the console does not reset.
        note: The operator's words on how a doubt was resolved.
    """

    id: str
    title: str = ""
    stages: tuple[Stage, ...] = ()
    items: int = 0
    choices: int = 0
    remaining: tuple[Stage, ...] = ()
    status: StepStatus = StepStatus.PENDING
    level: Level | None = None
    binding: str = ""
    started_at: datetime | None = None
    command_ended_at: datetime | None = None
    ended_at: datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    attempt: int = 1
    ticked: frozenset[int] = frozenset()
    chosen: int | None = None
    results: tuple[CheckResult, ...] = ()
    folder: str = ""
    host: str = ""
    waiting_since: datetime | None = None
    note: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the run goes on to the next step."""
        return self.status in (StepStatus.PASSED, StepStatus.SKIPPED)

    @property
    def command_runs(self) -> bool:
        """Whether, as far as is recorded, the command has begun and not ended."""
        return self.status is StepStatus.RUNNING and Stage.COMMAND in self.remaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words of an operator during a run."""

    text: str
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One walk of one procedure in one environment; a fold of its events.

    Attributes:
        digest: SHA-256 of the document that is walked.
        environment: Name of the environment.
        operator: Who began it; who did a single turn stands in the ledger.
        first_seq: Position in the ledger of the event that began it.
        last_seq: Position in the ledger of the newest event that is part of this value.
    """

    id: str
    procedure_id: str
    title: str
    digest: str
    environment: str
    method: Method
    operator: str
    started_at: datetime
    inputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ended_at: datetime | None = None
    outcome: RunOutcome = RunOutcome.OPEN
    reason: str = ""
    steps: tuple[StepRecord, ...] = ()
    notes: tuple[Note, ...] = ()
    first_seq: int = 0
    last_seq: int = 0

    @property
    def is_open(self) -> bool:
        """Whether turns can still be taken."""
        return self.outcome is RunOutcome.OPEN

    @property
    def current(self) -> StepRecord | None:
        """The first step that is neither passed nor skipped; None at the end."""
        return next((step for step in self.steps if not step.is_over), None)

    def step(self, step_id: str) -> StepRecord | None:
        """Return the record of ``step_id``, if the run has such a step."""
        return next((step for step in self.steps if step.id == step_id), None)
