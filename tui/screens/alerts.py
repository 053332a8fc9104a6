"""All alerts, most urgent first; Enter opens one with its labels and its procedures."""

from collections.abc import Iterable
from typing import Any

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from procedures.signals.values import Alert, Alerts, Snapshot
from tui.screens.base import ConsoleScreen
from widgets.alert_line import (
    AlertRow,
    alert_counts,
    alert_line,
    alert_page,
    alert_rows,
    summary_lines,
)
from widgets.banner import Banner
from widgets.line_list import LineList
from widgets.marks import counted
from widgets.procedure_line import procedure_line
from widgets.text_view import TextView


class AlertsScreen(ConsoleScreen):
    """The list of alerts, wherever they come from, with the summary of the one at the cursor."""

    DEFAULT_CSS = """
    AlertsScreen #summary { height: 3; }
    AlertsScreen.-short #summary { display: none; }
    """

    def body(self) -> Iterable[Widget]:
        """Build the list under a line that says where the alerts come from."""
        yield Banner()
        yield LineList[AlertRow](alert_line, empty="No alerts.", id="alert-list")
        yield TextView(id="summary")

    def on_mount(self) -> None:
        """Put the cursor into the list."""
        self._list.focus()

    @property
    def _list(self) -> LineList[AlertRow]:
        return self.query_one("#alert-list", LineList)

    def show(self, snapshot: Snapshot) -> None:
        """Show new alerts; the cursor stays on the alert that it was on."""
        alerts = snapshot.alerts
        self.query_one(Banner).show(*self._banner(alerts))
        rows = alert_rows(alerts.items, self.console.services.clock.now())
        before = self._list.row
        cursor = next(
            (i for i, row in enumerate(rows) if before and row.alert.key == before.alert.key), None
        )
        empty = alerts.fault or "No alerts."
        self._list.show(rows, cursor=cursor, empty=empty)
        self._summarise()

    def _banner(self, alerts: Alerts) -> tuple[str, str, bool]:
        source = {"console": "the console's own rules"}.get(alerts.source, alerts.source)
        note = alerts.fault or f"{alert_counts(alerts.items)} · from {source or 'no source'}"
        return "Alerts", note, bool(alerts.fault)

    def on_line_list_moved(self) -> None:
        """Show the whole summary of the alert under the cursor."""
        self._summarise()

    def _summarise(self) -> None:
        row = self._list.row
        lines = summary_lines(row.alert) if row else []
        self.query_one("#summary", TextView).show(lines)

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Open the alert under the cursor."""
        row = self._list.row
        if row is not None:
            self.app.push_screen(AlertScreen(row.alert))


class AlertScreen(ConsoleScreen):
    """Everything about one alert, kept current while it is open."""

    DEFAULT_CSS = """
    AlertScreen TextView { height: 3fr; }
    AlertScreen LineList { height: 1fr; min-height: 3; }
    """
    BINDINGS = [Binding("escape", "app.pop_screen", "Back")]

    def __init__(self, alert: Alert) -> None:
        super().__init__()
        self._alert = alert

    def body(self) -> Iterable[Widget]:
        """Build the page above the procedures that the alert leads to."""
        yield TextView(id="alert-page")
        yield Banner(id="leads-to")
        yield LineList[Any](procedure_line, empty="No procedure names this alert.", id="procedures")

    def on_mount(self) -> None:
        """Fill the page and look for procedures."""
        self._write(gone=False)
        self.query_one("#procedures", LineList).focus()
        self._find_procedures()

    @work(name="procedures")
    async def _find_procedures(self) -> None:
        catalogue = await self.console.services.catalogue()
        procedures = catalogue.for_alert(self._alert.name)
        self.query_one("#leads-to", Banner).show("Leads to", counted(len(procedures), "procedure"))
        self.query_one("#procedures", LineList).show(procedures)

    def show(self, snapshot: Snapshot) -> None:
        """Keep the page current; an alert that is gone says so."""
        found = [each for each in snapshot.alerts.items if each.key == self._alert.key]
        if found:
            self._alert = found[0]
        self._write(gone=not found and not snapshot.alerts.fault)

    def _write(self, *, gone: bool) -> None:
        page = alert_page(self._alert, self.console.services.clock.now())
        if gone:
            page = [[(" ● resolved: no source reports this alert any more", "ok")], [], *page]
        self.query_one("#alert-page", TextView).show(page)

    async def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Open the procedure under the cursor."""
        procedure = event.control.row
        if procedure is not None:
            await self.console.open_procedure(procedure)
