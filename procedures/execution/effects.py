"""What a run has done to the world and not taken back: the answer it can give at any time; pure."""

from dataclasses import dataclass
from enum import Enum

from procedures.execution.run import Run, Stage, StepRecord, StepStatus
from procedures.reference.levels import Level


class Standing(Enum):
    """Whether an effect is still there."""

    STANDS = "stands"
    MAY_STAND = "may stand"
    """Its command failed, is in doubt or still runs, or its undo did not pass."""
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one step did.

    Attributes:
        level: The highest at which it was executed.
    """

    step_id: str
    title: str
    level: Level
    standing: Standing


def effects_of(run: Run) -> tuple[Effect, ...]:
    """Return the effects of every step whose command changed something, in order."""
    return tuple(
        Effect(
            step_id=step.id,
            title=step.title,
            level=step.reached_level,
            standing=_standing(run, step),
        )
        for step in run.steps
        if step.reached_level and step.reached_level is not Level.READ
    )


def standing_effects(run: Run) -> tuple[Effect, ...]:
    """Return the effects that are, or may be, still there."""
    return tuple(e for e in effects_of(run) if e.standing is not Standing.UNDONE)


def _standing(run: Run, step: StepRecord) -> Standing:
    if run.undone_by or step.status is StepStatus.UNDONE:
        return Standing.UNDONE
    tried = any(s.undoes == step.id and s.folder for back in run.rollbacks for s in back.steps)
    ended_well = Stage.COMMAND not in step.remaining and not step.runs_behind
    if tried or step.earlier_level or not ended_well or step.status is StepStatus.IN_DOUBT:
        return Standing.MAY_STAND
    return Standing.STANDS
