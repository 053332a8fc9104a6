"""The way back of a run: which undo commands take back what it did, the last first; pure."""

from collections.abc import Collection
from dataclasses import replace

from procedures.environment import Method
from procedures.errors import RunError
from procedures.execution.run.bodies import untouched
from procedures.execution.run.effects import standing_effects
from procedures.execution.run.preparation import undo_commands
from procedures.execution.run.run import Run, Stage, StepRecord
from procedures.runbook.model import Procedure, Step


def undo_records(
    run: Run, procedure: Procedure, *, only: Collection[str] = ()
) -> tuple[StepRecord, ...]:
    """Return the steps of a way back, untouched: one for each undo command, the last step first.

    Args:
        run: What has been done.
        procedure: The document that it walks.
        only: Ids of steps; empty: every effect that may still stand.
    """
    steps = {step.id: step for step in procedure.steps}
    standing = [effect.step_id for effect in standing_effects(run)]
    wanted = [each for each in reversed(standing) if each in steps and (not only or each in only)]
    turn = len(run.rollbacks) + 1
    return tuple(
        untouched(
            id=f"undo:{undone}:{turn}.{part + 1}",
            title=f"Undo: {steps[undone].title}",
            stages=(Stage.COMMAND,),
            undoes=undone,
            part=part,
        )
        for undone in wanted
        for part, _ in enumerate(undo_commands(steps[undone], run.method))
    )


def undo_step(record: StepRecord, procedure: Procedure, method: Method) -> Step:
    """Return what ``record`` stands for: a step whose command is one undo command.

    Raises:
        RunError: The document does not hold that command any more.
    """
    undone = next((step for step in procedure.steps if step.id == record.undoes), None)
    commands = undo_commands(undone, method) if undone else ()
    if undone is None or record.part >= len(commands):
        raise RunError(
            f"{procedure.id} holds no undo command {record.part + 1} for step {record.undoes}",
            fix="Put the document back as it was, or undo the step by hand and skip this one",
        )
    # What is undone is undone when its command has ended, and not while it still runs.
    command = replace(commands[record.part], background=False)
    return Step(id=record.id, title=record.title, line=command.line, commands=(command,))


def not_undoable(run: Run, procedure: Procedure) -> tuple[str, ...]:
    """Return the ids of steps whose effect may stand and for which no undo command is written."""
    steps = {step.id: step for step in procedure.steps}
    return tuple(
        effect.step_id
        for effect in standing_effects(run)
        if effect.step_id not in steps or not undo_commands(steps[effect.step_id], run.method)
    )
