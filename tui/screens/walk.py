"""Reading a procedure and walking it: checklist, the present step, its live output."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widget import Widget

from procedures.environment import Environment
from procedures.errors import ProcedureError
from procedures.execution.run import Driver, Run, StepRecord, StepStatus
from procedures.runbook.model import Procedure, Step
from tui import beginning, course_turns, turns
from tui.screens.base import ConsoleScreen
from tui.turns import Answer
from tui.walk_following import follow, watch
from tui.walk_keys import can_be_taken
from widgets.banner import Banner
from widgets.checklist import ChecklistRow, checklist_line, checklist_rows
from widgets.line_list import LineList
from widgets.output_pane import OutputPane
from widgets.run_note import run_note
from widgets.step_page import procedure_page, step_page
from widgets.strips import Line
from widgets.terminal_view import TerminalView
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.execution.progress import Progress
    from procedures.execution.walk import Walk

Turn = Callable[["Walk", "WalkScreen"], Awaitable[None]]

_TURNS: dict[str, Turn] = {
    turn.__name__: turn
    for turn in (
        turns.cancel,
        turns.retry,
        turns.skip,
        course_turns.note,
        course_turns.evidence,
        course_turns.pause,
        course_turns.hand_over,
        course_turns.take_over,
        course_turns.abort,
        course_turns.go_back,
    )
}


class WalkScreen(ConsoleScreen):
    """One procedure: a document until it is begun, then a run that survives this screen.

    Args:
        procedure: What is walked.
        run_id: The run to take up; empty to begin one.
        rolls_back: Id of the run whose effects the new run takes back.
    """

    DEFAULT_CSS = """
    WalkScreen #columns { height: 3fr; }
    WalkScreen #checklist { width: 33%; max-width: 44; height: 100%; margin: 0 1 0 0; }
    WalkScreen #page { width: 1fr; height: 100%; }
    WalkScreen OutputPane { height: 2fr; }
    WalkScreen.-terminal OutputPane { height: 6fr; }
    WalkScreen.-not-begun OutputPane { display: none; }
    WalkScreen.-narrow #checklist { width: 0; }
    """
    BINDINGS = [
        Binding("enter", "next", "Next", priority=True, tooltip="Do what the run needs next"),
        Binding("x", "turn('cancel')", "Cancel", tooltip="Stop the command: INT, TERM, KILL"),
        Binding("r", "turn('retry')", "Retry", tooltip="Do a failed step again"),
        Binding("s", "turn('skip')", "Skip", tooltip="Leave the step out, with a reason"),
        Binding("n", "turn('note')", "Note", tooltip="Write a note into the record"),
        Binding("u", "turn('go_back')", "Undo", tooltip="Take back what the run did"),
        Binding("b", "background", "Background", tooltip="Commands that still run"),
        Binding("c", "copy_message", "Copy message", tooltip="To the terminal's clipboard"),
        Binding("a", "turn('abort')", "Abort", tooltip="End the run without finishing it"),
        Binding("d", "dry_run", "Dry run", tooltip="See what would happen; nothing is changed"),
        Binding("f", "begin_here", "From here", tooltip="Begin at the step under the cursor"),
        Binding("p", "turn('pause')", "Pause", show=False, tooltip="Stand still, or go on"),
        Binding("o", "turn('hand_over')", "Hand over", show=False, tooltip="To another operator"),
        Binding("t", "turn('take_over')", "Take over", tooltip="Drive the run from here"),
        Binding("e", "facts", "Effects", show=False, tooltip="What the run did, notes, drivers"),
        Binding("N", "turn('evidence')", "Evidence", show=False, tooltip="Keep a file with it"),
        Binding("v", "read", "Read", show=False, tooltip="The whole document, with its links"),
        Binding("escape", "leave", "Back", tooltip="The run stays; take it up again later"),
    ]

    def __init__(self, procedure: Procedure, *, run_id: str = "", rolls_back: str = "") -> None:
        super().__init__()
        self._procedure = procedure
        self._run_id = run_id
        self._rolls_back = rolls_back
        self._walk: Walk | None = None
        self._busy = False
        self._watched = ""
        self._typed = b""
        self._is_typing = False
        self._trouble = ""

    def body(self) -> Iterable[Widget]:
        """Build checklist and step's page above the output, whose tables need the whole width."""
        yield Banner(self._procedure.title, id="title")
        with Horizontal(id="columns"):
            yield LineList[ChecklistRow](checklist_line, opens=False, id="checklist")
            yield TextView(id="page")
        yield OutputPane(id="pane")

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

    def now(self) -> datetime:
        """Tell the time."""
        return self.console.services.clock.now()

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Put a question above this screen."""
        return await self.app.push_screen_wait(dialog)

    def say(self, text: str) -> None:
        """Show a passing message."""
        self.notify(text, markup=False, timeout=8)

    def progress(self, progress: "Progress") -> None:
        """Show output as it comes, a soak as it counts down, and what was judged."""
        from procedures.execution.progress import (
            OutputArrived,
            StepBegan,
            StepEnded,
            TerminalPrinted,
            WaitTicked,
        )

        if not self.is_looking:
            return
        match progress:
            case StepBegan(record):
                self._begin_terminal(record)
                self._paint()
            case StepEnded():
                self._leave_terminal()
                self.remove_class("-terminal")
                self._pane.flush()
                self._pane.say("")
                self._paint()
            case OutputArrived(text):
                self._pane.say("running")
                self._pane.write(text)
            case TerminalPrinted(data):
                self._pane.feed(data)
            case WaitTicked(remaining_s, holding):
                condition = "holds" if holding else "is broken: the wait begins again"
                self._pane.say(f"{remaining_s:.0f} s left · condition {condition}")
            case _:
                self._pane.say("")
                self._paint()

    async def open(self, procedure_id: str, *, rolls_back: str = "") -> None:
        """Open another procedure above this one."""
        entry = await self.console.entry_named(procedure_id)
        if entry is not None:
            await self.console.open_entry(entry, rolls_back=rolls_back)

    # What following a run needs of an onlooker.

    @property
    def is_looking(self) -> bool:
        """Whether there is a picture; a screen that closes loses its widgets first."""
        return self.is_attached and bool(self.query("#pane"))

    def moved(self) -> None:
        """Show what another console, or a command in the background, has done."""
        self._trouble = ""
        self._paint()
        run, walk = self.run_shown, self._walk
        current = run.current if run else None
        if walk is None or current is None or walk.drives or not current.command_runs:
            return
        if self._watched != current.folder:
            self._watched = current.folder
            self._begin_output(walk)
            self.run_worker(watch(walk, current.id, self), name="follow", group="output")

    def tick(self) -> None:
        """Count down the time of a second person, and show what could not be shared yet."""
        current = self.run_shown.current if self.run_shown else None
        if current and current.approval:
            self._paint_page()
        self._paint_title()

    def trouble(self, error: ProcedureError) -> None:
        """Show an error once for as long as it lasts."""
        if error.what != self._trouble:
            self._trouble = error.what
            self.console.tell(error)

    # Turns.

    def action_next(self) -> None:
        """Begin the run, or do what it needs next."""
        if self._walk is not None and self._pane.shows_terminal and self._busy:
            self.set_focus(self._pane.terminal)
        elif not self._busy:
            self._busy = True
            self._next()

    @work(name="turn")
    async def _next(self, begin_at: str = "") -> None:
        try:
            if self._walk is None:
                await self._guarded(self._begin(begin_at))
            else:
                self._begin_output(self._walk)
                await self._guarded(turns.advance(self._walk, self))
        finally:
            self._busy = False

    def action_begin_here(self) -> None:
        """Begin at the step under the cursor instead of the first."""
        step = self._shown_step
        if step is not None and not self._busy:
            self._busy = True
            self._next(step.id)

    def action_turn(self, name: str) -> None:
        """Take one of the turns that need no place in the order."""
        if self._walk is not None:
            self.run_worker(self._guarded(self._turn(self._walk, name)), name="turn")

    async def _turn(self, walk: "Walk", name: str) -> None:
        drove = walk.drives
        await _TURNS[name](walk, self)
        self._follow(walk)
        if walk.drives and not drove:
            self._go_on_by_itself()

    async def _guarded(self, turn: Awaitable[None]) -> None:
        try:
            await turn
        except ProcedureError as error:
            self.console.tell(error)
        if self.is_looking:
            self._paint()

    async def _begin(self, begin_at: str) -> None:
        services = self.console.services
        present = await services.present(self._procedure)
        if present.digest != self._procedure.digest:
            self._procedure = present
            self.notify(
                "Look at it once more; nothing has begun.",
                title="The document has changed since it was opened",
                severity="warning",
                markup=False,
            )
            return
        walk = await beginning.begin(
            self._procedure,
            self,
            environment=self.environment,
            station=await services.station(),
            begin_at=begin_at,
            rolls_back=self._rolls_back,
        )
        if walk is not None:
            self._show_walk(walk)

    @work(name="resume")
    async def _resume(self) -> None:
        await self._guarded(self._take_up())
        self._go_on_by_itself()

    async def _take_up(self) -> None:
        services = self.console.services
        walk = await beginning.resume(
            self._run_id,
            self._procedure,
            self,
            environment=self.environment,
            station=await services.station(),
        )
        self._show_walk(walk)
        current = walk.run.current
        if current is not None and not current.command_runs:
            self._begin_output(walk)
            self._pane.write(await walk.output(current.id))

    def _go_on_by_itself(self) -> None:
        """Go on with a step that is under way: the operator has said yes to it already."""
        walk = self._walk
        current = walk.run.current if walk else None
        if walk and walk.drives and current and current.status is StepStatus.RUNNING:
            self.action_next()

    def _show_walk(self, walk: "Walk") -> None:
        self._walk = walk
        self._follow(walk)
        self.moved()

    def _follow(self, walk: "Walk") -> None:
        """Follow the run for as long as it is open; a way back may have opened it again."""
        following = any(w.group == "follow" and not w.is_finished for w in self.workers)
        if not following and walk.run.is_open:
            self.run_worker(follow(walk, self._me, self), name="follow", group="follow")

    @property
    def _me(self) -> Driver:
        from procedures.execution.consoles import this_console

        return Driver(operator=self.console.services.operator.name, console=this_console())

    # Other views.

    async def action_read(self) -> None:
        """Show the whole document."""
        entry = await self.console.entry_named(self._procedure.id)
        if entry is not None:
            await self.console.read_entry(entry)

    def action_dry_run(self) -> None:
        """Show what would happen; nothing is executed or recorded."""
        self.run_worker(self._guarded(self._dry_run()), name="dry run")

    async def _dry_run(self) -> None:
        from tui.screens.dry_run import DryRunScreen

        public = [each for each in self._procedure.inputs.values() if not each.secret]
        inputs = await beginning.asked(public, self)
        if inputs is not None:
            station = await self.console.services.station()
            screen = DryRunScreen(self._procedure, self.environment, inputs, station)
            self.app.push_screen(screen)

    def action_facts(self) -> None:
        """Show what concerns the run as a whole."""
        from tui.screens.run_facts import RunFactsScreen

        if self._walk is not None:
            self.app.push_screen(RunFactsScreen(self._walk))

    def action_background(self) -> None:
        """Show the commands that run in the background."""
        from tui.screens.background import BackgroundScreen

        if self._walk is not None:
            self.app.push_screen(BackgroundScreen(self._walk))

    def action_leave(self) -> None:
        """Go back; a run that is not over stays in the ledger, and its command runs on."""
        self.app.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a turn only while it can be taken; a terminal gets every key."""
        if isinstance(self.focused, TerminalView):
            return False
        walk = self._walk
        match action:
            case "copy_message":
                step = self._shown_step
                return step is not None and bool(step.message)
            case "dry_run" | "begin_here":
                return walk is None and not self._run_id
            case "facts":
                return walk is not None
            case "background":
                return walk is not None and bool(walk.run.behind)
            case "next":
                return walk is None or self._needs_something(walk)
            case "turn":
                return walk is not None and can_be_taken(
                    str(parameters[0]),
                    walk.run,
                    drives=walk.drives,
                    can_go_back=course_turns.can_go_back(walk),
                )
        return super().check_action(action, parameters)

    def _needs_something(self, walk: "Walk") -> bool:
        return walk.run.is_open and (walk.run.current is not None or not walk.drives)

    # The terminal of a command that asks questions.

    def _begin_terminal(self, record: StepRecord) -> None:
        """Give the keys to a command that asks questions, as soon as it runs."""
        if self._walk is None or not record.command_runs:
            return
        command = self._walk.prepare(record.id).command
        if command is not None and command.interactive:
            self._pane.begin(record.title, terminal=True)
            self.add_class("-terminal")
            self.set_focus(self._pane.terminal)
            self._resize_terminal()

    def _leave_terminal(self) -> None:
        """Give the keys back to the console."""
        if self._pane.terminal.has_focus:
            self.set_focus(self.query_one("#checklist", LineList))

    def on_terminal_view_typed(self, event: TerminalView.Typed) -> None:
        """Hand the keys to the command, in order; those who only follow cannot type."""
        if self._walk is None or not self._walk.drives:
            return
        self._typed += event.data
        if not self._is_typing:
            self._is_typing = True
            self._type(self._walk)

    @work(name="type")
    async def _type(self, walk: "Walk") -> None:
        try:
            while self._typed:
                data, self._typed = self._typed, b""
                current = walk.run.current
                if current is not None and current.command_runs:
                    await self._guarded(walk.type_keys(current.id, data))
        finally:
            self._is_typing = False

    def on_terminal_view_resized(self) -> None:
        """Tell the command how large its terminal is now."""
        self._resize_terminal()

    def on_terminal_view_left(self) -> None:
        """Give the keys back to the console; the command goes on."""
        self._leave_terminal()
        self.refresh_bindings()

    @work(name="resize", group="resize", exclusive=True)
    async def _resize_terminal(self) -> None:
        walk = self._walk
        current = walk.run.current if walk else None
        if walk and current and walk.drives and current.command_runs and self._pane.shows_terminal:
            shown = self._pane.terminal.screen_shown
            await self._guarded(walk.resize(current.id, shown.rows, shown.cols))

    # The picture.

    @property
    def run_shown(self) -> Run | None:
        """The run as the ledger tells it; None before it is begun."""
        return self._walk.run if self._walk is not None else None

    @property
    def _pane(self) -> OutputPane:
        return self.query_one("#pane", OutputPane)

    def _paint(self) -> None:
        run = self.run_shown
        self.set_class(run is None, "-not-begun")
        rows = checklist_rows(self._procedure, run)
        cursor = next((i for i, row in enumerate(rows) if row.current), None)
        self.query_one("#checklist", LineList).show(rows, cursor=cursor)
        self._paint_title()
        self._paint_page()
        self.refresh_bindings()
        self.console.note_run(run)

    def _paint_title(self) -> None:
        walk = self._walk
        note = "Enter begins"
        if walk is not None:
            note = run_note(walk.run, drives=walk.drives, unshared=walk.unshared)
        troubled = walk is not None and bool(walk.unshared)
        self.query_one("#title", Banner).show(self._procedure.title, note, troubled)

    def _paint_page(self) -> None:
        step = self._shown_step
        page = procedure_page(self._procedure) if step is None else self._step_page(step)
        if self._walk is not None and self._walk.document_changed:
            warning = (
                "The document has changed since this run began; the run can only be undone"
                " or aborted."
            )
            page = [[(f" ▲ {warning}", "warning")], [], *page]
        self.query_one("#page", TextView).show(page)

    def _step_page(self, step: Step) -> list[Line]:
        phase = next((each for each in self._procedure.phases if step in each.steps), None)
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
            now=self.now(),
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
            now=self.now(),
            incident=next(iter(self.console.incidents), None),
        )
        return filled(step.message, fields)

    @property
    def _shown_step(self) -> Step | None:
        row: Any = self.query_one("#checklist", LineList).row
        if not row or not row.step:
            return None
        if self._walk is not None and self._walk.run.step(row.step):
            return self._walk.step(row.step)
        return next((s for s in self._procedure.steps if s.id == row.step), None)

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
        current = walk.run.current
        self._pane.begin(current.title if current else "")
        self.remove_class("-terminal")
