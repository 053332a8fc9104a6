"""Everything about one indicator: large chart, query, alerts and procedures."""

from collections.abc import Iterable
from typing import Any

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from procedures.errors import ProcedureError
from procedures.library.entry import Entry
from procedures.reference.indicators import Indicator
from procedures.reference.thresholds import Threshold
from procedures.signals.promql import render, window_over
from procedures.signals.values import Alert, Snapshot
from tui.screens.base import ConsoleScreen
from widgets.alert_line import AlertRow, alert_line, alert_rows
from widgets.banner import Banner
from widgets.indicator_panel import IndicatorPanel
from widgets.large_chart import LargeChart
from widgets.line_list import LineList
from widgets.procedure_line import entry_line
from widgets.strips import Line
from widgets.text_view import TextView

RANGES = ((3600, "1 h"), (21_600, "6 h"), (86_400, "24 h"), (604_800, "7 d"))

Related = AlertRow | Entry


class ChartScreen(ConsoleScreen):
    """One indicator over one hour to seven days; its history is read off the event loop."""

    DEFAULT_CSS = """
    ChartScreen IndicatorPanel { height: 3; }
    ChartScreen #query { height: 3; }
    ChartScreen LineList { height: 5; }
    ChartScreen.-short LineList { height: 2; }
    ChartScreen.-short #query { height: 1; }
    """
    BINDINGS = [
        Binding("escape", "app.pop_screen", "Back"),
        Binding("plus,r", "range(1)", "Longer", key_display="+"),
        Binding("minus", "range(-1)", "Shorter", key_display="-"),
        Binding("c", "copy", "Copy query"),
    ]

    def __init__(self, indicator: Indicator, threshold: Threshold | None) -> None:
        super().__init__()
        self._indicator = indicator
        self._threshold = threshold
        self._range = 0
        self._step_s = 0.0
        self._procedures: tuple[Entry, ...] = ()
        self._alerts: tuple[Alert, ...] = ()

    def body(self) -> Iterable[Widget]:
        """Build present value, chart, query, and the list of what is related."""
        yield IndicatorPanel(self._indicator, self._threshold)
        yield Banner(id="range")
        yield LargeChart(self._indicator, self._threshold)
        yield TextView(id="query")
        yield LineList[Any](related_line, empty="No alert, no procedure.", id="related")

    def on_mount(self) -> None:
        """Show the query; read the history and look for procedures."""
        self.query_one("#related", LineList).focus()
        self._show_query()
        self._find_procedures()
        self._read_history()

    def _show_query(self) -> None:
        query: Line = [(" PromQL ", "title"), (self._promql(), "code")]
        self.query_one("#query", TextView).show([query])

    def _promql(self) -> str:
        """Return the query as it is asked over the present range."""
        environment = self.console.services.environment
        return render(
            self._indicator.measure,
            job=environment.job,
            labels=environment.labels,
            window_s=window_over(self._step_s, environment.window_s),
            limits=environment.limits,
        )

    def show(self, snapshot: Snapshot) -> None:
        """Keep the present value and the alerts current."""
        reading = snapshot.readings.get(self._indicator.id)
        if reading is not None:
            history = snapshot.histories.get(self._indicator.id)
            self.query_one(IndicatorPanel).show(reading, history, snapshot.at)
            if self._range == 0 and history is not None:
                self.query_one(LargeChart).show(history, RANGES[0][0])
        self._alerts = tuple(a for a in snapshot.alerts.items if a.name in self._indicator.alerts)
        self._show_related()

    @work(name="procedures")
    async def _find_procedures(self) -> None:
        shelf = await self.console.services.whole_shelf()
        found = {e.id: e for name in self._indicator.alerts for e in shelf.for_alert(name)}
        self._procedures = tuple(found.values())
        self._show_related()

    def _show_related(self) -> None:
        rows = (*alert_rows(self._alerts, self.console.services.clock.now()), *self._procedures)
        self.query_one("#related", LineList).show(rows)

    def action_range(self, steps: int) -> None:
        """Take the next longer or shorter range."""
        self._range = (self._range + steps) % len(RANGES)
        self._read_history()

    @work(name="history", group="history", exclusive=True)
    async def _read_history(self) -> None:
        seconds, name = RANGES[self._range]
        choices = " · ".join(f"[{word}]" if word == name else word for _, word in RANGES)
        self.query_one("#range", Banner).show("History", choices)
        chart = self.query_one(LargeChart)
        chart.show(None, seconds, f"reading {name} of history")
        try:
            history = await self.console.services.watch.range(self._indicator.id, seconds)
        except ProcedureError as error:
            chart.show(None, seconds, error.what)
            return
        chart.show(history, seconds)
        if self.console.services.environment.prometheus is not None:
            self._step_s = history.step_s
            self._show_query()

    def action_copy(self) -> None:
        """Copy the query to the terminal's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(self._promql())
        self.notify("Query copied.", markup=False, timeout=2)

    async def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Open the alert or the procedure under the cursor."""
        row = event.control.row
        if isinstance(row, AlertRow):
            from tui.screens.alerts import AlertScreen

            self.app.push_screen(AlertScreen(row.alert))
        elif row is not None:
            await self.console.open_entry(row)


def related_line(row: Related, width: int, at_cursor: bool) -> Line:
    """Draw an alert or a procedure."""
    if isinstance(row, AlertRow):
        return alert_line(row, width, at_cursor)
    return entry_line(row, width, at_cursor)
