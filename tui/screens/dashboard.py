"""The first screen: six key indicators, health, alerts, storage; behind tabs all other panels."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.widget import Widget

from procedures.reference.indicators import load_indicators
from procedures.reference.thresholds import Threshold
from procedures.signals.values import Snapshot
from tui.screens.base import ConsoleScreen
from widgets.box import Box
from widgets.indicator_panel import IndicatorPanel
from widgets.plain_panels import NotePanel, StatusPanel
from widgets.summaries import AlertSummary, HealthSummary, StorageSummary
from widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from procedures.reference.dashboards import Dashboard, Panel

Selectable = IndicatorPanel | StorageSummary
"""What Enter opens."""

TABS = ("Key indicators", "Operations", "Security", "Performance")


class DashboardScreen(ConsoleScreen):
    """One panel an indicator; a tab is built when it is first shown and then stays."""

    DEFAULT_CSS = """
    DashboardScreen {
        .tab { height: 1fr; layout: vertical; }
        .panels {
            layout: grid; grid-size: 3; grid-gutter: 0 1; grid-rows: 1fr; height: 3fr;
        }
        .lower { layout: horizontal; height: 2fr; }
        .lower > * { width: 1fr; height: 100%; margin: 0 1 0 0; }
        .lower > .last { margin: 0; }
        IndicatorPanel { height: 100%; }
        &.-narrow .panels { grid-size: 2; }
        &.-short .lower { display: none; }
        &.-tall .lower { height: 10; }
        &.-tall .panels { height: 1fr; }
        &.-wide .panels.-many { grid-size: 4; }
    }
    """
    BINDINGS = [
        Binding(
            "right_square_bracket",
            "tab(1)",
            "Tabs",
            key_display="[ ]",
            tooltip="Operations, security and performance panels",
        ),
        Binding("left_square_bracket", "tab(-1)", "Previous tab", key_display="[", show=False),
        Binding("enter", "open", "Open", tooltip="Large chart, query, alerts, procedures"),
        Binding("tab", "cycle(1)", "Next panel", show=False),
        Binding("shift+tab", "cycle(-1)", "Panel before", show=False),
        Binding("up", "steer(0, -1)", "Panel above", show=False),
        Binding("down", "steer(0, 1)", "Panel below", show=False),
        Binding("left", "steer(-1, 0)", "Panel to the left", show=False),
        Binding("right", "steer(1, 0)", "Panel to the right", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._indicators = load_indicators()
        self._tab = 0
        self._selected: Selectable | None = None

    def on_mount(self) -> None:
        """Select the first panel."""
        self._select(self._panels[0])

    def body(self) -> Iterable[Widget]:
        """Build the key indicators above the three summaries."""
        yield TabBar(TABS)
        with Box(id="tab-0", classes="tab"):
            with Box(classes="panels"):
                for indicator in self._indicators.values():
                    if indicator.key:
                        yield IndicatorPanel(indicator, self._threshold(indicator.id))
            with Box(classes="lower"):
                yield HealthSummary()
                yield AlertSummary()
                storage = StorageSummary()
                storage.add_class("last")
                yield storage

    def _threshold(self, indicator: str) -> Threshold | None:
        overrides = self.console.services.environment.thresholds
        return overrides.get(indicator, self._indicators[indicator].threshold)

    def show(self, snapshot: Snapshot) -> None:
        """Hand each panel its share; one that is not in view is brought up to date later."""
        for panel in self.query(IndicatorPanel):
            reading = snapshot.readings.get(panel.indicator.id)
            if reading is not None and panel.is_on_screen:
                panel.show(reading, snapshot.histories.get(panel.indicator.id), snapshot.at)
        for status in self.query(StatusPanel):
            status.show(snapshot.health)
        self.query_one(HealthSummary).show(snapshot.health)
        self.query_one(AlertSummary).show(snapshot.alerts, snapshot.at)
        self.query_one(StorageSummary).show(snapshot.backups, snapshot.disk, snapshot.at)

    async def action_tab(self, steps: int) -> None:
        """Show another tab."""
        await self._show_tab((self._tab + steps) % len(TABS))

    async def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        await self._show_tab(event.index)

    async def _show_tab(self, index: int) -> None:
        self._tab = index
        self.query_one(TabBar).show(index)
        if not self.query(f"#tab-{index}"):
            await self.mount(self._built_tab(index), before="#keys")
        for number in range(len(TABS)):
            for tab in self.query(f"#tab-{number}"):
                tab.display = number == index
        self._select(next(iter(self._panels), None))
        if self.console.snapshot is not None:
            self.call_after_refresh(self.show, self.console.snapshot)

    def _built_tab(self, index: int) -> Box:
        from procedures.reference.dashboards import load_dashboards

        dashboard: Dashboard = load_dashboards()[index - 1]
        many = " -many" if len(dashboard.panels) > 6 else ""
        panels = Box(*map(self._panel, dashboard.panels), classes="panels" + many)
        return Box(panels, id=f"tab-{index}", classes="tab")

    def _panel(self, panel: "Panel") -> Widget:
        from procedures.reference.dashboards import HEALTH

        if panel.indicator == HEALTH:
            return StatusPanel(panel.title)
        if not panel.indicator:
            return NotePanel(panel.title, panel.note)
        indicator = self._indicators[panel.indicator]
        return IndicatorPanel(
            indicator, self._threshold(indicator.id), title=panel.title, note=panel.note
        )

    def action_steer(self, right: int, down: int) -> None:
        """Move the focus to the nearest panel in a direction."""
        here = self._selected
        if here is None:
            return
        x, y = here.region.center
        ahead = []
        for panel in self._panels:
            dx, dy = panel.region.center[0] - x, panel.region.center[1] - y
            along, across = (dx * right, dy) if right else (dy * down, dx)
            if along > 0:
                ahead.append((along + 4 * abs(across), panel.region.offset, panel))
        if ahead:
            self._select(min(ahead, key=lambda each: each[:2])[2])

    def action_cycle(self, steps: int) -> None:
        """Select the next panel, or the one before."""
        panels = self._panels
        if self._selected in panels:
            self._select(panels[(panels.index(self._selected) + steps) % len(panels)])

    def _select(self, panel: Selectable | None) -> None:
        for each in (self._selected, panel):
            if each is not None:
                each.select(each is panel)
        self._selected = panel

    @property
    def _panels(self) -> list[Selectable]:
        tab = self.query(f"#tab-{self._tab} IndicatorPanel").results(IndicatorPanel)
        summaries = self.query(f"#tab-{self._tab} StorageSummary").results(StorageSummary)
        return [*tab, *(each for each in summaries if each.size)]

    def on_indicator_panel_pointed(self, event: IndicatorPanel.Pointed) -> None:
        """Select the panel that was clicked; a double click opens it."""
        self._select(event.panel)
        if event.twice:
            self.action_open()

    def on_storage_summary_pointed(self, event: StorageSummary.Pointed) -> None:
        """Select the backups; a double click opens them."""
        self._select(event.panel)
        if event.twice:
            self.action_open()

    def action_open(self) -> None:
        """Open everything about the selected panel's indicator, or all backups."""
        from tui.screens.chart import ChartScreen

        if isinstance(self._selected, StorageSummary):
            self.console.open_backups()
        elif self._selected is not None:
            indicator = self._selected.indicator
            self.app.push_screen(ChartScreen(indicator, self._threshold(indicator.id)))
