"""Reading a procedure and walking it: checklist, the present step, its live output."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.screen import ModalScreen

from procedures.errors import ProcedureError
from procedures.execution.run.run import Driver, StepStatus
from procedures.runbook.model import Procedure
from tui import beginning, course_turns, turns
from tui.screens.walk_terminal import TerminalWalk
from tui.turns import Answer
from tui.walk_following import follow, watch
from tui.walk_keys import can_be_taken
from widgets.line_list import LineList
from widgets.terminal_view import TerminalView

if TYPE_CHECKING:
    from procedures.execution.walking.progress import Progress
    from procedures.execution.walking.walk import Walk

Turn = Callable[["Walk", "WalkScreen"], Awaitable[None]]

_TURNS: dict[str, Turn] = {
    turn.__name__: turn
    for turn in (
        turns.cancel,
        turns.retry,
        turns.skip,
        turns.untick,
        course_turns.note,
        course_turns.evidence,
        course_turns.pause,
        course_turns.hand_over,
        course_turns.take_over,
        course_turns.abort,
        course_turns.go_back,
    )
}


class WalkScreen(TerminalWalk):
    """One procedure: a document until it is begun, then a run that survives this screen.

    Args:
        procedure: What is walked.
        run_id: The run to take up; empty to begin one.
        rolls_back: Id of the run whose effects the new run takes back.
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
        Binding(
            "backspace", "turn('untick')", "Untick", show=False, tooltip="Take the last tick back"
        ),
        Binding("v", "read", "Read", show=False, tooltip="The whole document, with its links"),
        Binding("escape", "leave", "Back", tooltip="The run stays; take it up again later"),
    ]

    def __init__(self, procedure: Procedure, *, run_id: str = "", rolls_back: str = "") -> None:
        super().__init__(procedure)
        self._run_id = run_id
        self._rolls_back = rolls_back
        self._busy = False
        self._watched = ""
        self._trouble = ""

    def on_mount(self) -> None:
        """Show the document; take up the run if there is one."""
        self.query_one("#checklist", LineList).focus()
        self._paint()
        if self._run_id:
            self._resume()

    # What the turns of a walk need of a desk.

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Put a question above this screen."""
        return await self.app.push_screen_wait(dialog)

    def say(self, text: str) -> None:
        """Show a passing message."""
        self.notify(text, markup=False, timeout=8)

    def progress(self, progress: "Progress") -> None:
        """Show output as it comes, a soak as it counts down, and what was judged."""
        from procedures.execution.walking.progress import (
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
        from procedures.execution.record.consoles import this_console

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

    def action_copy_message(self) -> None:
        """Copy the message of the step that is shown (OSC 52)."""
        step = self._shown_step
        if step is not None and step.message:
            self.app.copy_to_clipboard(self._message_of(step))
            self.notify("Message copied.", markup=False, timeout=2)
