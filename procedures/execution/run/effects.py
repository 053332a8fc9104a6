"""What a run has done to the world and not taken back: the answer it can give at any time; pure."""

from dataclasses import dataclass
from enum import Enum

from procedures.execution.run.run import Run, Stage, StepRecord, StepStatus
from procedures.reference.levels import Level


class Standing(Enum):
    """Whether an effect is still there."""

    STANDS = "stands"
    MAY_STAND = "may stand"
    """Its command failed, is in doubt or still runs, or its undo did not pass, or not wholly."""
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
    if step.status is StepStatus.UNDONE or _was_undone_elsewhere(run, step):
        return Standing.UNDONE
    if _was_tried_to_undo(run, step) or step.earlier_level or not _ended_well(step):
        return Standing.MAY_STAND
    return Standing.STANDS


def _was_undone_elsewhere(run: Run, step: StepRecord) -> bool:
    """Tell whether another run took the effect back, and the step was not executed since."""
    if run.undone_at is None or step.started_at is None or step.command_runs or step.runs_behind:
        return False
    return (step.command_ended_at or step.started_at) < run.undone_at


def _was_tried_to_undo(run: Run, step: StepRecord) -> bool:
    """Tell whether an undo command of what the step did last was started."""
    tries = [s.started_at for back in run.rollbacks for s in back.steps if s.undoes == step.id]
    return any(at and (step.started_at is None or at >= step.started_at) for at in tries)


def _ended_well(step: StepRecord) -> bool:
    if Stage.COMMAND in step.remaining or step.runs_behind:
        return False
    return not step.background or step.exit_code == 0
