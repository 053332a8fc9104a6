"""All alerts, most urgent first; Enter opens one with its labels and its procedures."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
from widgets.procedure_line import entry_line
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.library.entry import Entry
    from tui.app import ConsoleApp


class AlertsScreen(ConsoleScreen):
    """The list of alerts, wherever they come from, with the summary of the one at the cursor."""

    DEFAULT_CSS = """
    AlertsScreen #summary { height: 3; }
    AlertsScreen.-short #summary { display: none; }
    """

    BINDINGS = [
        Binding("g", "go_to_procedure", "Go to procedure", tooltip="What to do about this alert")
    ]

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

    def action_go_to_procedure(self) -> None:
        """Open the procedure that the alert under the cursor leads to."""
        row = self._list.row
        if row is not None:
            self._go(row.alert)

    @work(name="lead")
    async def _go(self, alert: Alert) -> None:
        leads = await leads_to(self.console, alert)
        if leads:
            await self.console.open_entry(leads[0])
        else:
            self.notify(f"No procedure names {alert.name}.", severity="warning", markup=False)

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
        yield LineList[Any](entry_line, empty="No procedure names this alert.", id="procedures")

    def on_mount(self) -> None:
        """Fill the page and look for procedures."""
        self._write(gone=False)
        self.query_one("#procedures", LineList).focus()
        self._find_procedures()

    @work(name="procedures")
    async def _find_procedures(self) -> None:
        procedures = await leads_to(self.console, self._alert)
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
        entry = event.control.row
        if entry is not None:
            await self.console.open_entry(entry)


async def leads_to(console: "ConsoleApp", alert: Alert) -> "tuple[Entry, ...]":
    """Return what an alert leads to: what it names itself, then what the catalogue knows."""
    from procedures.library.leads import leads_of

    shelf = await console.services.whole_shelf()
    return leads_of(alert.name, alert.annotations, shelf)
