"""A walk as a picture: checklist, the present step's page, its output."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.widget import Widget

from procedures.environment import Environment
from procedures.errors import RunError
from procedures.execution.run.run import Run
from procedures.runbook.model import Procedure, Step
from tui.screens.base import ConsoleScreen
from widgets.banner import Banner
from widgets.checklist import ChecklistRow, checklist_line, checklist_rows
from widgets.line_list import LineList
from widgets.output_pane import OutputPane
from widgets.run_note import run_note
from widgets.step_page import procedure_page, step_page
from widgets.strips import Line
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.execution.walking.walk import Walk


class WalkView(ConsoleScreen):
    """Shows a document, and once it is walked what the ledger says of the run.

    Args:
        procedure: What is walked.
    """

    DEFAULT_CSS = """
    WalkView #columns { height: 3fr; }
    WalkView #checklist { width: 33%; max-width: 44; height: 100%; margin: 0 1 0 0; }
    WalkView #page { width: 1fr; height: 100%; }
    WalkView OutputPane { height: 2fr; }
    WalkView.-terminal OutputPane { height: 6fr; }
    WalkView.-not-begun OutputPane { display: none; }
    WalkView.-narrow #checklist { width: 0; }
    """

    def __init__(self, procedure: Procedure) -> None:
        super().__init__()
        self._procedure = procedure
        self._walk: Walk | None = None

    def body(self) -> Iterable[Widget]:
        """Build checklist and step's page above the output, whose tables need the whole width."""
        yield Banner(self._procedure.title, id="title")
        with Horizontal(id="columns"):
            yield LineList[ChecklistRow](checklist_line, opens=False, id="checklist")
            yield TextView(id="page")
        yield OutputPane(id="pane")

    @property
    def environment(self) -> Environment:
        """Where the walk acts."""
        return self.console.services.environment

    def now(self) -> datetime:
        """Tell the time."""
        return self.console.services.clock.now()

    @property
    def is_looking(self) -> bool:
        """Whether there is a picture; a screen that closes loses its widgets first."""
        return self.is_attached and len(self.query("#title, #checklist, #page, #pane")) == 4

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
            with suppress(RunError):  # the document that says how to undo it may be gone
                return self._walk.step(row.step)
        return next((s for s in self._procedure.steps if s.id == row.step), None)

    def on_line_list_moved(self) -> None:
        """Show the page of the step under the cursor."""
        self._paint_page()
        self.refresh_bindings()

    def _begin_output(self, walk: "Walk") -> None:
        """Make room for what the present step prints; the last step's output stood until now."""
        current = walk.run.current
        self._pane.begin(current.title if current else "")
        self.remove_class("-terminal")
