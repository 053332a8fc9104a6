"""The latest runs of this environment, ended ones too: to look at, or to take back what stands."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from procedures.errors import ProcedureError
from procedures.execution.run.run import Run
from widgets.line_list import LineList
from widgets.run_line import run_line

if TYPE_CHECKING:
    from tui.services import Services

LIMIT = 50
"""As many runs are listed; `quarterdeck runs list --all` lists more."""


class PastRunsScreen(ModalScreen[Run | None]):
    """Answers with the run that was chosen."""

    DEFAULT_CSS = """
    PastRunsScreen { align: center middle; background: $background 60%; }
    PastRunsScreen Vertical {
        width: 96%; max-width: 120; height: 85%; background: $surface; border: round $primary;
    }
    PastRunsScreen LineList { height: 1fr; background: $surface; }
    """
    BINDINGS = [Binding("escape,h", "dismiss(None)", "Back")]

    def __init__(self, services: "Services") -> None:
        super().__init__()
        self._services = services
        self._runs: Sequence[Run] = ()

    def compose(self) -> ComposeResult:
        """Build the list."""
        box = Vertical()
        box.border_title = "Runs, the latest first · Enter opens · Esc closes"
        with box:
            yield LineList[Run](run_line, empty="Reading the record…", id="runs")

    def on_mount(self) -> None:
        """Read the record."""
        self.query_one(LineList).focus()
        self._load()

    @work(name="runs")
    async def _load(self) -> None:
        runs: LineList[Run] = self.query_one("#runs", LineList)
        try:
            found = await self._services.runs(LIMIT)
        except ProcedureError as error:
            runs.show((), empty=f"{error.what}. {error.fix}")
        else:
            runs.show(found, empty="Nothing was walked here yet.")

    def on_line_list_opened(self) -> None:
        """Answer."""
        run: Run | None = self.query_one("#runs", LineList).row
        if run is not None:
            self.dismiss(run)
