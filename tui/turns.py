"""The turns of a step as an operator takes them: questions are asked, answers are recorded."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from textual.screen import ModalScreen

from procedures.environment import Environment
from procedures.execution.run.run import Stage, StepRecord, StepStatus
from procedures.runbook.model import Choice
from tui import course_turns
from tui.questions import question_for
from widgets.choice_dialog import ChoiceDialog
from widgets.confirm_dialog import ConfirmDialog
from widgets.marks import duration
from widgets.step_page import approval_text
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.execution.run.preparation import Prepared
    from procedures.execution.walking.progress import Progress
    from procedures.execution.walking.walk import Walk

Answer = TypeVar("Answer")


class Desk(Protocol):
    """The screen on which a walk is shown."""

    @property
    def environment(self) -> Environment:
        """Where the walk acts."""

    def now(self) -> datetime:
        """Tell the time."""

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Put a question; None when it was waved away."""

    def say(self, text: str) -> None:
        """Show a passing message."""

    def progress(self, progress: "Progress") -> None:
        """Show what a step being executed tells."""

    async def open(self, procedure_id: str, *, rolls_back: str = "") -> None:
        """Open another procedure, perhaps to take back what a run did."""


async def advance(walk: "Walk", desk: Desk) -> None:
    """Do what the run needs next; RunError when it cannot be done."""
    record = walk.run.current
    if not walk.drives:
        await course_turns.take_over(walk, desk)
    elif walk.run.pause:
        await course_turns.pause(walk, desk)
    elif record is None:
        return
    elif record.status is StepStatus.IN_DOUBT:
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
    if prepared.ruling.second_person and not await _approved(walk, record, prepared, desk):
        return False
    question = question_for(
        prepared,
        await walk.preconditions(record.id),
        desk.environment,
        rollback=walk.procedure.rollback,
        approval=approval_text(record.approval, desk.now()) if record.approval else "",
    )
    if question is None:
        await walk.confirm(record.id)
        return True
    decision = await desk.ask(ConfirmDialog(question))
    if decision is None or not decision.confirmed:
        return False
    await walk.confirm(record.id, decision.typed, override=decision.reason)
    return True


async def _approved(walk: "Walk", record: StepRecord, prepared: "Prepared", desk: Desk) -> bool:
    """Tell whether a second person has agreed; else offer to ask one."""
    approval, now = record.approval, desk.now()
    if approval and approval.covers(prepared.binding, now):
        return True
    if approval and approval.is_open(now) and approval.binding == prepared.binding:
        left = duration((approval.expires_at - now).total_seconds())
        desk.say(f"{record.title} waits for a second person; {left} are left.")
        return False
    before = f"\n{approval_text(approval, now)}" if approval else ""
    about = f"{record.title}: the policy wants somebody else's word as well.{before}"
    ways = ("Ask for approval", "Not now")
    if await desk.ask(ChoiceDialog("A second person", ways, about=about)) == 0:
        await walk.request_approval(record.id)
    return False


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
            "In doubt",
            (
                "It succeeded: go on with the checks",
                "It did not: then retry or skip it, or go back",
            ),
            about="Nobody saw how this command ended. Look at its effects: did it succeed?",
        )
    )
    if answer is None:
        return
    note = await desk.ask(TextDialog("How do you know?", "For the record"))
    if note:
        await walk.resolve_doubt(record.id, passed=answer == 0, note=note)


async def _after_failure(walk: "Walk", record: StepRecord, desk: Desk) -> None:
    async def retry_whole() -> None:
        await walk.retry(record.id)

    async def check_again() -> None:
        await walk.retry(record.id, recheck=True)
        await execute(walk, record, desk)

    ways: list[tuple[str, Callable[[], Awaitable[None]]]] = [
        ("Retry the whole step", retry_whole),
        ("Skip it, with a reason", lambda: skip(walk, desk)),
        ("Abort the run, with a reason", lambda: course_turns.abort(walk, desk)),
    ]
    if Stage.COMMAND in record.stages and Stage.COMMAND not in record.remaining:
        ways.append(("Check again, without running the command again", check_again))
    if course_turns.can_go_back(walk):
        ways.append(("Go back: undo what this run did", lambda: course_turns.go_back(walk, desk)))
    labels = [label for label, _ in ways]
    about = f"{record.title}: {record.reason}" if record.reason else record.title
    chosen = await desk.ask(ChoiceDialog("The step failed", labels, about=about))
    if chosen is not None:
        await ways[chosen][1]()


async def untick(walk: "Walk", desk: Desk) -> None:
    """Take the last tick of the present step back."""
    record = walk.run.current
    if record is not None and record.ticked:
        await walk.untick(record.id, max(record.ticked))


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


async def cancel(walk: "Walk", desk: Desk) -> None:
    """Stop the running command: INT, then TERM, then KILL."""
    record = walk.run.current
    if record is not None:
        await walk.cancel(record.id)
