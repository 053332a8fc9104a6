"""The dry run of a procedure: what would happen, as a page; nothing is executed."""

from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from procedures.errors import ProcedureError
from widgets.text_view import TextView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procedures.environment import Environment
    from procedures.execution.record.station import Station
    from procedures.runbook.model import Procedure


class DryRunScreen(ModalScreen[None]):
    """Asks the checks, then shows the page; ``r`` asks once more."""

    DEFAULT_CSS = """
    DryRunScreen { align: center middle; background: $background 60%; }
    DryRunScreen Vertical {
        width: 96%; max-width: 130; height: 92%; background: $surface; border: round $primary;
    }
    """
    BINDINGS = [
        Binding("r", "rehearse", "Again", tooltip="Ask the checks once more"),
        Binding("escape,d,q", "dismiss", "Back"),
    ]

    def __init__(
        self,
        procedure: "Procedure",
        environment: "Environment",
        inputs: "Mapping[str, str]",
        station: "Station",
        *,
        begin_at: str = "",
    ) -> None:
        super().__init__()
        self._procedure = procedure
        self._environment = environment
        self._inputs = inputs
        self._station = station
        self._begin_at = begin_at

    def compose(self) -> ComposeResult:
        """Build the page."""
        box = Vertical()
        box.border_title = "Dry run · r again · Esc closes"
        with box:
            yield TextView(id="dry-run")

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(TextView).focus()
        self.action_rehearse()

    @work(name="rehearse", exclusive=True)
    async def action_rehearse(self) -> None:
        """Look what would happen now."""
        from procedures.execution.rehearsal.rehearsal import rehearse
        from widgets.dry_run_page import dry_run_page

        page, station = self.query_one(TextView), self._station
        page.show([[(" Asking the checks…", "dim")]])
        try:
            rehearsed = await rehearse(
                self._procedure,
                self._environment,
                self._inputs,
                operator=station.operator,
                policy=station.policy,
                checks=station.checks,
                clock=station.clock,
                secrets=station.secrets,
                begin_at=self._begin_at,
            )
        except ProcedureError as error:
            page.show([[(f" × {error.what}", "critical")], [(f"   {error.fix}", "text")]])
        else:
            page.show(dry_run_page(rehearsed))
