"""The commands of a run that were left running in the background: their output, and their stop."""

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from procedures.errors import ProcedureError
from procedures.execution.run.run import StepRecord
from widgets.line_list import LineList
from widgets.strips import Line
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.execution.walking.walk import Walk

LOOK_EVERY_S = 1.0
"""How soon new output is shown."""


class BackgroundScreen(ModalScreen[None]):
    """A list of commands above the output of the one under the cursor."""

    DEFAULT_CSS = """
    BackgroundScreen { align: center middle; background: $background 60%; }
    BackgroundScreen Vertical {
        width: 92%; max-width: 120; height: 85%; background: $surface; border: round $primary;
    }
    BackgroundScreen LineList { height: 6; background: $surface; }
    BackgroundScreen TextView { height: 1fr; border-top: solid $primary 50%; }
    """
    BINDINGS = [
        Binding("x", "stop", "Stop", tooltip="INT, then TERM, then KILL"),
        Binding("escape,b", "dismiss", "Back"),
    ]

    def __init__(self, walk: "Walk") -> None:
        super().__init__()
        self._walk = walk

    def compose(self) -> ComposeResult:
        """Build list and output."""
        box = Vertical()
        box.border_title = "In the background · x stops · Esc closes"
        with box:
            yield LineList[StepRecord](
                self._line, opens=False, empty="Nothing runs in the background.", id="behind"
            )
            yield TextView(id="behind-output", follow=True)

    def on_mount(self) -> None:
        """Look at once and then every second."""
        self.query_one(LineList).focus()
        self.set_interval(LOOK_EVERY_S, self._look)
        self._look()

    @work(name="background", exclusive=True)
    async def _look(self) -> None:
        behind: LineList[StepRecord] = self.query_one("#behind", LineList)
        behind.show(self._walk.run.behind)
        row = behind.row
        try:
            output = await self._walk.output(row.id) if row else ""
        except ProcedureError as error:
            output = str(error)
        lines: list[Line] = [[(text, "text")] for text in output.split("\n")]
        self.query_one("#behind-output", TextView).show(lines)

    def on_line_list_moved(self) -> None:
        """Show the output of the command under the cursor."""
        self._look()

    @work(name="stop")
    async def action_stop(self) -> None:
        """Stop the command under the cursor."""
        row: StepRecord | None = self.query_one("#behind", LineList).row
        if row is None:
            return
        try:
            await self._walk.cancel(row.id)
        except ProcedureError as error:
            self.notify(error.fix or " ", title=error.what, severity="error", markup=False)

    def _line(self, step: StepRecord, width: int, at_cursor: bool) -> Line:
        began = f" since {step.started_at:%H:%M:%S} UTC" if step.started_at else ""
        text = f" & {step.title}{began} on {step.host}"
        return [(text + " " * width, "cursor")] if at_cursor else [(text, "text")]
