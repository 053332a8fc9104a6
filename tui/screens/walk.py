"""Reading a procedure and walking it: checklist, the present step, its live output."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widget import Widget

from procedures.environment import Environment
from procedures.errors import ProcedureError
from procedures.execution.run import Run, StepRecord, StepStatus
from procedures.runbook.model import Procedure, Step
from tui import turns
from tui.screens.base import ConsoleScreen
from tui.turns import Answer
from widgets.banner import Banner
from widgets.checklist import ChecklistRow, checklist_line, checklist_rows
from widgets.line_list import LineList
from widgets.step_page import procedure_page, step_page
from widgets.strips import Line
from widgets.text_dialog import TextDialog
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.execution.progress import Progress
    from procedures.execution.walk import Walk

OUTPUT_LINES = 2000
"""Lines of output kept on screen; all of it stays in the run's folder."""

Turn = Callable[["Walk", "WalkScreen"], Awaitable[None]]


class WalkScreen(ConsoleScreen):
    """One procedure: a document until it is begun, then a run that survives this screen."""

    DEFAULT_CSS = """
    WalkScreen #columns { height: 3fr; }
    WalkScreen #checklist { width: 33%; max-width: 44; height: 100%; margin: 0 1 0 0; }
    WalkScreen #page { width: 1fr; height: 100%; }
    WalkScreen #output { height: 2fr; }
    WalkScreen.-not-begun #output-title, WalkScreen.-not-begun #output { display: none; }
    WalkScreen.-narrow #checklist { width: 0; }
    """
    BINDINGS = [
        Binding("enter", "next", "Next", priority=True, tooltip="Do what the run needs next"),
        Binding("x", "turn('cancel')", "Cancel", tooltip="Stop the command: INT, TERM, KILL"),
        Binding("r", "turn('retry')", "Retry", tooltip="Do a failed step again"),
        Binding("s", "turn('skip')", "Skip", tooltip="Leave the step out, with a reason"),
        Binding("n", "turn('note')", "Note", tooltip="Write a note into the record"),
        Binding("c", "copy_message", "Copy message", tooltip="To the terminal's clipboard"),
        Binding("a", "turn('abort')", "Abort", tooltip="End the run without finishing it"),
        Binding("v", "read", "Read", show=False, tooltip="The whole document, with its links"),
        Binding("escape", "leave", "Back", tooltip="The run stays; take it up again later"),
    ]

    def __init__(self, procedure: Procedure, *, run_id: str = "") -> None:
        super().__init__()
        self._procedure = procedure
        self._run_id = run_id
        self._walk: Walk | None = None
        self._output: deque[str] = deque(maxlen=OUTPUT_LINES)
        self._output_of = ""
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """Build checklist and step's page above the output, whose tables need the whole width."""
        yield Banner(self._procedure.title, id="title")
        with Horizontal(id="columns"):
            yield LineList[ChecklistRow](checklist_line, opens=False, id="checklist")
            yield TextView(id="page")
        yield Banner("Output", id="output-title")
        yield TextView(id="output", follow=True)

    def on_mount(self) -> None:
        """Show the document; take up the run if there is one."""
        self.query_one("#checklist", LineList).focus()
        self._paint()
        if self._run_id:
            self._resume()

    # What the turns of a walk need of a desk.

    @property
    def environment(self) -> Environment:
        """Where the walk acts."""
        return self.console.services.environment

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Put a question above this screen."""
        return await self.app.push_screen_wait(dialog)

    def progress(self, progress: "Progress") -> None:
        """Show output as it comes, a soak as it counts down, and what was judged."""
        from procedures.execution.progress import OutputArrived, WaitTicked

        if isinstance(progress, OutputArrived):
            self._head_output("running")
            self._take_output(progress.text)
        elif isinstance(progress, WaitTicked):
            holding = "holds" if progress.holding else "is broken: the wait begins again"
            self._head_output(f"{progress.remaining_s:.0f} s left · condition {holding}")
        else:
            self._head_output()
            self._paint()

    async def open(self, procedure_id: str) -> None:
        """Open another procedure above this one."""
        entry = await self.console.entry_named(procedure_id)
        if entry is not None:
            await self.console.open_entry(entry)

    # Turns.

    def action_next(self) -> None:
        """Begin the run, or do what its present step needs."""
        if not self._busy:
            self._busy = True
            self._next()

    @work(name="turn")
    async def _next(self) -> None:
        try:
            if self._walk is None:
                await self._guarded(self._begin())
            else:
                self._begin_output(self._walk)
                await self._guarded(turns.advance(self._walk, self))
        finally:
            self._busy = False

    def action_turn(self, name: str) -> None:
        """Take one of the turns that need no place in the order."""
        if self._walk is not None:
            turn: Turn = getattr(turns, name)
            self.run_worker(self._guarded(turn(self._walk, self)), name="turn")

    async def _guarded(self, turn: Awaitable[None]) -> None:
        try:
            await turn
        except ProcedureError as error:
            self.console.tell(error)
        if self.is_attached:
            self._paint()

    async def _begin(self) -> None:
        present = await self.console.services.present(self._procedure)
        if present.digest != self._procedure.digest:
            self._procedure = present
            self.notify(
                "Look at it once more; nothing has begun.",
                title="The document has changed since it was opened",
                severity="warning",
                markup=False,
            )
            return
        inputs: dict[str, str] = {}
        for each in self._procedure.inputs.values():
            prompt = each.help or f"A value of type {each.type}"
            value = await self.ask(
                TextDialog(each.name, prompt, value=each.default or "", secret=each.secret)
            )
            if value is None:
                return
            inputs[each.name] = value
        from procedures.execution.walk import Walk

        services = self.console.services
        self._walk = await Walk.start(
            self._procedure, services.environment, inputs, station=await services.station()
        )

    @work(name="resume")
    async def _resume(self) -> None:
        await self._guarded(self._take_up())
        current = self.run_shown.current if self.run_shown else None
        if current is not None and current.status is StepStatus.RUNNING:
            self.action_next()

    async def _take_up(self) -> None:
        from procedures.execution.walk import Walk

        services = self.console.services
        self._walk = await Walk.resume(
            self._run_id,
            self._procedure,
            services.environment,
            station=await services.station(),
        )
        current = self._walk.run.current
        if current is not None and not current.command_runs:
            self._begin_output(self._walk)
            self._take_output(await self._walk.output(current.id))

    async def action_read(self) -> None:
        """Show the whole document."""
        entry = await self.console.entry_named(self._procedure.id)
        if entry is not None:
            await self.console.read_entry(entry)

    def action_leave(self) -> None:
        """Go back; a run that is not over stays in the ledger, and its command runs on."""
        self.app.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a turn only while it can be taken."""
        if action == "copy_message":
            step = self._shown_step
            return step is not None and bool(step.message)
        if action not in ("turn", "next"):
            return super().check_action(action, parameters)
        run = self.run_shown
        current = run.current if run and run.is_open else None
        if action == "next":
            return run is None or current is not None
        return current is not None and _can_be_taken(str(parameters[0]), current)

    # The picture.

    @property
    def run_shown(self) -> Run | None:
        """The run as the ledger tells it; None before it is begun."""
        return self._walk.run if self._walk is not None else None

    def _paint(self) -> None:
        run = self.run_shown
        self.set_class(run is None, "-not-begun")
        rows = checklist_rows(self._procedure, run)
        cursor = next((i for i, row in enumerate(rows) if row.current), None)
        self.query_one("#checklist", LineList).show(rows, cursor=cursor)
        self.query_one("#title", Banner).show(self._procedure.title, self._where(run))
        self._paint_page()
        self.refresh_bindings()
        self.console.note_run(run)

    def _where(self, run: Run | None) -> str:
        if run is None:
            return "Enter begins"
        if not run.is_open:
            return f"{run.outcome.value} · recorded as run {run.id}"
        done = sum(step.is_over for step in run.steps)
        return f"{done} of {len(run.steps)} steps done"

    def _paint_page(self) -> None:
        step = self._shown_step
        page = procedure_page(self._procedure) if step is None else self._step_page(step)
        if self._walk is not None and self._walk.document_changed:
            warning = "The document has changed since this run began; the run can only be aborted."
            page = [[(f" ▲ {warning}", "warning")], [], *page]
        self.query_one("#page", TextView).show(page)

    def _step_page(self, step: Step) -> list[Line]:
        phase = next(each for each in self._procedure.phases if step in each.steps)
        message = self._message_of(step)
        if self._walk is None:
            command = step.command_for(self.environment.method)
            return step_page(step, command=command, phase=phase, message=message)
        prepared = self._walk.prepare(step.id)
        return step_page(
            step,
            command=prepared.command,
            level=prepared.level.value,
            variables=prepared.variables,
            record=self._walk.run.step(step.id),
            phase=phase,
            message=message,
        )

    def _message_of(self, step: Step) -> str:
        """Return the step's message with what is known of place, time and incident."""
        if not step.message:
            return ""
        from procedures.response.messages import fields_of, filled

        services = self.console.services
        fields = fields_of(
            environment=services.environment.name,
            operator=services.operator.name,
            now=services.clock.now(),
            incident=next(iter(self.console.incidents), None),
        )
        return filled(step.message, fields)

    @property
    def _shown_step(self) -> Step | None:
        row: Any = self.query_one("#checklist", LineList).row
        return next((s for s in self._procedure.steps if row and s.id == row.step), None)

    def action_copy_message(self) -> None:
        """Copy the message of the step that is shown (OSC 52)."""
        step = self._shown_step
        if step is not None and step.message:
            self.app.copy_to_clipboard(self._message_of(step))
            self.notify("Message copied.", markup=False, timeout=2)

    def on_line_list_moved(self) -> None:
        """Show the page of the step under the cursor."""
        self._paint_page()
        self.refresh_bindings()

    def _begin_output(self, walk: "Walk") -> None:
        """Make room for what the present step prints; the last step's output stood until now."""
        self._output_of = walk.run.current.title if walk.run.current else ""
        self._output.clear()
        self._head_output()
        self._take_output("")

    def _head_output(self, note: str = "") -> None:
        title = " · ".join(filter(None, ("Output", self._output_of)))
        self.query_one("#output-title", Banner).show(title, note)

    def _take_output(self, text: str) -> None:
        last = self._output.pop() if self._output else ""
        self._output.extend((last + text).split("\n"))
        self.query_one("#output", TextView).show([[(line, "text")] for line in self._output])


def _can_be_taken(turn: str, step: StepRecord) -> bool:
    """Tell whether the fold of the run would take the turn; what cannot be done has no key."""
    match turn:
        case "retry":
            return step.status is StepStatus.FAILED
        case "cancel":
            return step.status is StepStatus.RUNNING
        case "skip":
            return not step.command_runs and step.status is not StepStatus.IN_DOUBT
        case "abort":
            return not step.command_runs
    return True
