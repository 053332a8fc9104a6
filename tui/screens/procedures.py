"""The list of procedures: unfinished runs first, then all documents by theme."""

from collections.abc import Iterable
from typing import Any

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from tui.screens.base import ConsoleScreen
from widgets.banner import Banner
from widgets.line_list import LineList
from widgets.marks import counted
from widgets.procedure_line import ProcedureRow, procedure_row_line


class ProceduresScreen(ConsoleScreen):
    """Choose a procedure to read and walk, or take up a run that was left."""

    BINDINGS = [Binding("f5", "reload", "Reload", show=False)]

    def body(self) -> Iterable[Widget]:
        """Build the list."""
        yield Banner("Procedures", "reading the catalogue")
        yield LineList[Any](procedure_row_line, empty="Reading the catalogue…", id="procedures")

    def on_mount(self) -> None:
        """Put the cursor into the list."""
        self.query_one("#procedures", LineList).focus()

    def on_screen_resume(self) -> None:
        """Read runs and documents again: both may have changed meanwhile."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read the ledger's unfinished runs and the catalogue."""
        self._load()

    @work(name="catalogue", exclusive=True)
    async def _load(self) -> None:
        catalogue = await self.console.services.catalogue()
        runs = await self.console.open_runs()
        rows = [ProcedureRow(run=run, procedure=catalogue.get(run.procedure_id)) for run in runs]
        rows += [ProcedureRow(procedure=procedure) for procedure in catalogue.procedures]
        rows += [ProcedureRow(broken=broken) for broken in catalogue.broken]
        note = ", ".join(
            (counted(len(catalogue.procedures), "document"), counted(len(runs), "unfinished run"))
        )
        self.query_one(Banner).show("Procedures", note)
        self.query_one("#procedures", LineList).show(rows, empty="No procedures.")

    async def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Read the document, or take up the run, under the cursor."""
        row = event.control.row
        if row is None:
            return
        if row.broken is not None:
            self.console.tell(row.broken.error)
        elif row.run is not None:
            await self.console.resume_run(row.run)
        elif row.procedure is not None:
            await self.console.open_procedure(row.procedure)
