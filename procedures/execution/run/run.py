"""One walk of a procedure, as plain values: what an operator sees of it at any moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType

from procedures.environment import Method
from procedures.reference.levels import Level, highest


class StepStatus(Enum):
    """Where a step stands."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    IN_DOUBT = "in doubt"
    SKIPPED = "skipped"
    UNDONE = "undone"


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
    ROLLED_BACK = "rolled back"


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
class Approval:
    """A second person's word on one step, asked for and perhaps given.

    Attributes:
        binding: Fingerprint of what may be executed; anything else needs a new approval.
        expires_at: From then on it can neither be given nor used.
        granted_by: Empty until it is granted.
        refused_by: Empty unless it was refused; ``reason`` then says why.
    """

    binding: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    granted_by: str = ""
    refused_by: str = ""
    reason: str = ""
    decided_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether a second person can still decide."""
        return self.decided_at is None and now < self.expires_at

    def covers(self, binding: str, now: datetime) -> bool:
        """Whether it allows to execute what ``binding`` stands for."""
        return bool(self.granted_by) and self.binding == binding and now < self.expires_at


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
        earlier_level: The highest level at which an earlier attempt's command was run, whose
            effect nobody has undone; None if there was none.
        background: Its command was left running while the next steps are taken.
        approval: Asked of a second person in this attempt; None if nobody was asked.
        undoes: Id of the step whose effect this one takes back; empty for a step of the document.
        part: Which of that step's undo commands it runs, from 0.
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
    earlier_level: Level | None = None
    background: bool = False
    approval: Approval | None = None
    undoes: str = ""
    part: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the run goes on to the next step."""
        return self.status in (StepStatus.PASSED, StepStatus.SKIPPED, StepStatus.UNDONE)

    @property
    def command_runs(self) -> bool:
        """Whether, as far as is recorded, the command has begun and not ended."""
        return self.status is StepStatus.RUNNING and Stage.COMMAND in self.remaining

    @property
    def runs_behind(self) -> bool:
        """Whether, as far as is recorded, its command still runs in the background."""
        return (
            self.background
            and bool(self.folder)
            and Stage.COMMAND not in self.remaining
            and self.command_ended_at is None
        )

    @property
    def reached_level(self) -> Level | None:
        """The highest level at which any of its commands was run; None if none was."""
        levels = [self.earlier_level, self.level if self.folder else None]
        return highest(*(level for level in levels if level)) if any(levels) else None

    def afresh(self) -> "StepRecord":
        """Return the record of the next attempt, to which nothing has happened yet."""
        return StepRecord(
            id=self.id,
            title=self.title,
            stages=self.stages,
            items=self.items,
            choices=self.choices,
            remaining=self.stages,
            attempt=self.attempt + 1,
            undoes=self.undoes,
            part=self.part,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words of an operator during a run.

    Attributes:
        step: Id of the step that they are about; empty for the run as a whole.
        evidence: Name of the file in the run's folder that goes with them; empty for none.
        sha256: Of that file, hexadecimal.
    """

    text: str
    operator: str
    at: datetime
    step: str = ""
    evidence: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Who may decide in a run: one operator at one console; every other console follows.

    Attributes:
        console: See :mod:`procedures.execution.record.consoles`; empty when nobody sits at one, as
            after a hand-over that was not taken up yet.
    """

    operator: str
    console: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why a run stands still, and since when."""

    reason: str
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """One way back: what a run did is undone, the last first.

    Attributes:
        steps: One for each undo command.
        goes_on: Afterwards what was undone is done once more; else the run ends.
        is_over: It has ended, or was given up.
    """

    reason: str
    steps: tuple[StepRecord, ...]
    goes_on: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One walk of one procedure in one environment; a fold of its events.

    Attributes:
        digest: SHA-256 of the document that is walked.
        environment: Name of the environment.
        operator: Who began it; who did a single turn stands in the ledger.
        driver: Who may decide at this moment.
        pause: None while it goes on.
        rollbacks: Ways back that were taken, in order.
        rolls_back: Id of the run whose effects this one takes back; mostly empty.
        undone_by: Id of the run that took back the effects of this one; mostly empty.
        undone_at: When that run came to its end: what was done later stands.
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
    driver: Driver = Driver(operator="")
    pause: Pause | None = None
    rollbacks: tuple[Rollback, ...] = ()
    rolls_back: str = ""
    undone_by: str = ""
    undone_at: datetime | None = None
    first_seq: int = 0
    last_seq: int = 0

    @property
    def is_open(self) -> bool:
        """Whether turns can still be taken."""
        return self.outcome is RunOutcome.OPEN

    @property
    def rolling_back(self) -> Rollback | None:
        """The way back that is being taken at this moment, if any."""
        last = self.rollbacks[-1] if self.rollbacks else None
        return last if last and not last.is_over else None

    @property
    def path(self) -> tuple[StepRecord, ...]:
        """The steps that are being walked now: the document's, or those of the way back."""
        return self.rolling_back.steps if self.rolling_back else self.steps

    @property
    def current(self) -> StepRecord | None:
        """The first step of the path that is not over; None at its end."""
        return next((step for step in self.path if not step.is_over), None)

    @property
    def behind(self) -> tuple[StepRecord, ...]:
        """The steps whose commands still run in the background, as far as is recorded."""
        return tuple(step for step in self.all_steps if step.runs_behind)

    @property
    def all_steps(self) -> tuple[StepRecord, ...]:
        """The document's steps and those of every way back."""
        return self.steps + tuple(step for back in self.rollbacks for step in back.steps)

    def step(self, step_id: str) -> StepRecord | None:
        """Return the record of ``step_id``, if the run has such a step."""
        return next((step for step in self.all_steps if step.id == step_id), None)
