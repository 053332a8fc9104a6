"""A run as it would go at this moment, without being taken; pure values.

:func:`procedures.execution.rehearsal.rehearsal.rehearse` makes one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from procedures.environment import Environment
from procedures.execution.policy.policy import Operator, Ruling
from procedures.reference.levels import Level

if TYPE_CHECKING:
    from procedures.risk.assessment import Finding


class Obstacle(Enum):
    """What would stop a run."""

    INPUTS = "inputs"
    REFUSED = "refused"
    PRECONDITION = "precondition"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryCommand:
    """A command as it would run.

    Attributes:
        script: Exactly as in the document, but for secrets.
        variables: Values of the variables that it mentions; secrets are masked.
        ruling: What the policy says of it: its level, and what has to come first.
        confirm_word: What must be typed first; mostly empty.
        declared: Its level as the document says; ``findings`` are the risk analysis's.
        undo: Commands that take its effect back.
    """

    script: str
    cwd: str
    variables: Mapping[str, str]
    ruling: Ruling
    confirm_word: str
    declared: Level
    findings: "tuple[Finding, ...]"
    affects: str
    timeout_s: float
    irreversible: bool
    background: bool
    interactive: bool
    undo: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DryCheck:
    """An assertion, as far as it can be judged now.

    Attributes:
        passed: None when it could not be found out.
        evaluated: False if nobody asked, for want of a secret.
    """

    text: str
    passed: bool | None
    detail: str
    evaluated: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DryStep:
    """A step as it would be taken.

    Attributes:
        phase: Title of the part of the document that it stands in.
        skipped: It lies before the step at which the run would begin.
        command: None when there is none for this deployment method.
        preconditions: Judged now.
        checks: Judged now, before anything has changed; the condition of its wait is the last.
        expect: Lines that the output would have to show.
        wait: How long it would wait; None for not at all.
        items: What would be ticked by hand.
        choices: Ways out that would be chosen from.
        changed_before: Something before it would have changed the world by then.
    """

    id: str
    title: str
    phase: str
    skipped: bool = False
    command: DryCommand | None = None
    preconditions: tuple[DryCheck, ...] = ()
    checks: tuple[DryCheck, ...] = ()
    expect: tuple[str, ...] = ()
    wait: timedelta | None = None
    items: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    changed_before: bool = False

    @property
    def changes(self) -> bool:
        """Whether its command would change something."""
        return self.command is not None and self.command.ruling.level is not Level.READ


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The first thing that would stop the run, as far as can be known now.

    Attributes:
        step_id: Empty when it could not even begin.
        may_override: A written reason would let the run go on.
    """

    obstacle: Obstacle
    what: str
    step_id: str = ""
    may_override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """A run as it would go at this moment.

    Attributes:
        inputs: As they would be recorded, without secret ones.
        stop: None when nothing is known that would stop it.
    """

    procedure_id: str
    title: str
    environment: Environment
    operator: Operator
    at: datetime
    inputs: Mapping[str, str]
    steps: tuple[DryStep, ...]
    stop: Stop | None


def first_stop(steps: Sequence[DryStep]) -> Stop | None:
    """Return the first thing that would surely stop a run; None if nothing is known that would."""
    for step in steps:
        if not step.skipped and (stop := _stop_at(step)):
            return stop
    return None


def _stop_at(step: DryStep) -> Stop | None:
    """Return what would surely stop the run at ``step``; what a change may mend does not count."""
    ruling = step.command.ruling if step.command else None
    if ruling and ruling.refusal:
        return Stop(obstacle=Obstacle.REFUSED, what=ruling.refusal, step_id=step.id)
    if step.changed_before:
        return None
    for obstacle, results in (
        (Obstacle.PRECONDITION, step.preconditions),
        (Obstacle.CHECK, () if step.changes else step.checks),
    ):
        failed = [each for each in results if each.evaluated and each.passed is not True]
        if failed:
            may = obstacle is Obstacle.PRECONDITION and (ruling is None or ruling.may_override)
            return Stop(
                obstacle=obstacle,
                what="; ".join(f"{each.text}: {each.detail}" for each in failed),
                step_id=step.id,
                may_override=may,
            )
    return None
