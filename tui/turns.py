"""The turns of a walk as an operator takes them: questions are asked, answers are recorded."""

from typing import TYPE_CHECKING, Protocol, TypeVar

from textual.screen import ModalScreen

from procedures.environment import Environment
from procedures.execution.run import Stage, StepRecord, StepStatus
from procedures.runbook.model import Choice
from tui.questions import question_for
from widgets.choice_dialog import ChoiceDialog
from widgets.confirm_dialog import ConfirmDialog
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.execution.progress import Progress
    from procedures.execution.walk import Walk

Answer = TypeVar("Answer")


class Desk(Protocol):
    """The screen on which a walk is shown."""

    @property
    def environment(self) -> Environment:
        """Where the walk acts."""

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Put a question; None when it was waved away."""

    def progress(self, progress: "Progress") -> None:
        """Show what a step being executed tells."""

    async def open(self, procedure_id: str) -> None:
        """Open another procedure."""


async def advance(walk: "Walk", desk: Desk) -> None:
    """Do what the present step needs next; RunError when it cannot be done."""
    record = walk.run.current
    if record is None:
        return
    if record.status is StepStatus.IN_DOUBT:
        await _resolve(walk, record, desk)
    elif record.status is StepStatus.FAILED:
        await _after_failure(walk, record, desk)
    elif record.status is StepStatus.RUNNING and record.remaining[0] is Stage.COMMAND:
        await execute(walk, record, desk)
    else:
        await _take_stage(walk, record, desk)


async def _take_stage(walk: "Walk", record: StepRecord, desk: Desk) -> None:
    match record.remaining[0]:
        case Stage.COMMAND:
            if await _confirmed(walk, record, desk):
                await execute(walk, record, desk)
        case Stage.ITEMS:
            await walk.tick(
                record.id, next(n for n in range(record.items) if n not in record.ticked)
            )
        case Stage.CHOICE:
            await _choose(walk, record, desk)
        case Stage.CHECKS | Stage.WAIT:
            await execute(walk, record, desk)


async def execute(walk: "Walk", record: StepRecord, desk: Desk) -> None:
    """Run or follow a step to its end."""
    async for progress in walk.execute(record.id):
        desk.progress(progress)


async def _confirmed(walk: "Walk", record: StepRecord, desk: Desk) -> bool:
    if record.status is StepStatus.CONFIRMED:
        return True
    prepared = walk.admit(record.id)
    question = question_for(prepared, await walk.preconditions(record.id), desk.environment)
    if question is None:
        await walk.confirm(record.id)
        return True
    decision = await desk.ask(ConfirmDialog(question))
    if decision is None or not decision.confirmed:
        return False
    await walk.confirm(record.id, decision.typed, override=decision.reason)
    return True


async def _choose(walk: "Walk", record: StepRecord, desk: Desk) -> None:
    choices: tuple[Choice, ...] = walk.prepare(record.id).step.choices
    labels = [f"{choice.label} → {choice.target or 'go on'}" for choice in choices]
    chosen = await desk.ask(ChoiceDialog(record.title, labels))
    if chosen is None:
        return
    await walk.choose(record.id, chosen)
    if choices[chosen].target:
        await desk.open(choices[chosen].target)


async def _resolve(walk: "Walk", record: StepRecord, desk: Desk) -> None:
    answer = await desk.ask(
        ChoiceDialog(
            "Nobody saw how this command ended. Look at its effects: did it succeed?",
            ("It succeeded: go on with the checks", "It did not: then retry or skip it"),
        )
    )
    if answer is None:
        return
    note = await desk.ask(TextDialog("How do you know?", "For the record"))
    if note:
        await walk.resolve_doubt(record.id, passed=answer == 0, note=note)


async def _after_failure(walk: "Walk", record: StepRecord, desk: Desk) -> None:
    ways = ["Retry the whole step", "Skip it, with a reason", "Abort the run, with a reason"]
    ran = Stage.COMMAND in record.stages and Stage.COMMAND not in record.remaining
    if ran:
        ways.append("Check again, without running the command again")
    match await desk.ask(ChoiceDialog(f"{record.title} failed", ways)):
        case 0:
            await walk.retry(record.id)
        case 1:
            await skip(walk, desk)
        case 2:
            await abort(walk, desk)
        case 3:
            await walk.retry(record.id, recheck=True)
            await execute(walk, record, desk)


async def skip(walk: "Walk", desk: Desk) -> None:
    """Leave the present step out."""
    record = walk.run.current
    if record is not None and (
        reason := await desk.ask(TextDialog(f"Skip {record.title}", "Reason, for the record"))
    ):
        await walk.skip(record.id, reason)


async def retry(walk: "Walk", desk: Desk) -> None:
    """Make a failed step ready again."""
    record = walk.run.current
    if record is not None and record.status is StepStatus.FAILED:
        await _after_failure(walk, record, desk)


async def note(walk: "Walk", desk: Desk) -> None:
    """Write words into the record."""
    if text := await desk.ask(TextDialog("Note", "For the record")):
        await walk.course.note(text)


async def abort(walk: "Walk", desk: Desk) -> None:
    """End the run before its last step."""
    if reason := await desk.ask(TextDialog("Abort the run", "Reason, for the record")):
        await walk.course.abort(reason)


async def cancel(walk: "Walk", desk: Desk) -> None:
    """Stop the running command: INT, then TERM, then KILL."""
    record = walk.run.current
    if record is not None:
        await walk.cancel(record.id)
