"""All environments and targets at once, worst first; Enter leads into one."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from procedures.fleet.order import by_indicator, by_name
from procedures.fleet.values import FleetRow, FleetView, RowKey
from procedures.reference.indicators import load_indicators
from tui.screens.base import ConsoleScreen
from widgets.banner import Banner
from widgets.columns import Columns
from widgets.fleet_line import FleetLine, FleetLines, fleet_lines, summary, trouble
from widgets.line_list import LineList
from widgets.strips import Line
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.fleet.fleet import Fleet

WORST, NAME = "worst first", "name"


class FleetScreen(ConsoleScreen):
    """The list of the fleet. The header names the environment that this console belongs to.

    The sources are asked only while the screen is looked at.
    """

    DEFAULT_CSS = """
    FleetScreen #filter { height: 1; border: none; padding: 0 1; background: $surface; }
    FleetScreen #fleet { scrollbar-gutter: stable; }
    FleetScreen #detail { height: 2; }
    FleetScreen.-short #detail { display: none; }
    """
    AUTO_FOCUS = "#fleet"
    BINDINGS = [
        # With priority it acts before the next key is handed on: what is typed ahead is not lost.
        Binding(
            "slash",
            "filter",
            "Filter",
            key_display="/",
            priority=True,
            tooltip="Show only names that hold these letters",
        ),
        Binding("s", "sort(1)", "Sort", tooltip="Worst first, by an indicator, or by name"),
        Binding("S", "sort(-1)", "Sort back", show=False),
        Binding("escape", "clear", "Show all", tooltip="Empty the filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        indicators = load_indicators()
        self._indicators = indicators
        self._lines = FleetLines(indicators)
        self._orders = (WORST, *(name for name, each in indicators.items() if each.key), NAME)
        self._order = 0
        self._follower: Worker[None] | None = None
        self._wanted: RowKey | None = None
        self.view: FleetView | None = None

    def body(self) -> Iterable[Widget]:
        """Build filter, columns, list and what is said of the row under the cursor."""
        yield Banner("Fleet", "asking", id="fleet-banner")
        filter_field = Input(placeholder="letters of a name", id="filter", compact=True)
        filter_field.display = False
        yield filter_field
        yield Columns(self._heading)
        yield LineList[FleetLine](self._lines.draw, empty="Asking everybody…", id="fleet")
        yield TextView(id="detail")

    def on_mount(self) -> None:
        """Begin at the row that one came from, else with the worst."""
        if self.console.DEFAULT_MODE != "fleet":
            environment = self.console.services.environment
            self._wanted = (not environment.watch_only, environment.name)
        self._begin()

    def on_screen_resume(self) -> None:
        """Ask again."""
        super().on_screen_resume()
        self._begin()

    def on_screen_suspend(self) -> None:
        """Ask nobody while nobody looks."""
        if self._follower is not None:
            self._follower.cancel()
            self._follower = None

    def _heading(self, width: int) -> Line:
        """Draw the names of the columns beside the place of the list's scroll bar."""
        return [*self._lines.heading(width - 1), (" ", "fill-title")]

    @property
    def _list(self) -> LineList[FleetLine]:
        return self.query_one("#fleet", LineList)

    @property
    def _filter(self) -> Input:
        return self.query_one("#filter", Input)

    @property
    def _fleet(self) -> "Fleet":
        return self.console.services.fleet

    def _begin(self) -> None:
        if self._follower is None:
            self._follower = self._follow()

    @work(name="follow", group="fleet", exclusive=True)
    async def _follow(self) -> None:
        watch = await self.console.services.fleet_watch()
        async for view in watch.views():
            self.view = view
            self._show_rows()

    def _show_rows(self) -> None:
        """Show the rows in their order; the cursor stays on the row that it was on."""
        view = self.view
        if view is None:
            return
        typed = self._filter.value.strip().casefold()
        rows = [row for row in self._ordered(view) if typed in row.name.casefold()]
        note = summary(view, rows)
        if self._orders[self._order] != WORST:
            note = f"by {self._order_title} · {note}"
        banner = self.query_one("#fleet-banner", Banner)
        banner.show("Fleet", view.fault or note, bool(view.fault))
        before = self._list.row
        wanted, self._wanted = self._wanted or (before.row.key if before else None), None
        cursor = next((i for i, row in enumerate(rows) if row.key == wanted), None)
        empty = f"No name holds '{typed}'." if typed else "There is nobody in the fleet."
        self._list.show(fleet_lines(rows, view.at), cursor=cursor, empty=empty)
        self._tell()

    def _ordered(self, view: FleetView) -> tuple[FleetRow, ...]:
        order = self._orders[self._order]
        if order == WORST:
            return view.rows
        if order == NAME:
            return by_name(view.rows)
        return by_indicator(view.rows, self._indicators[order])

    @property
    def _order_title(self) -> str:
        order = self._orders[self._order]
        return self._indicators[order].title if order in self._indicators else order

    def _tell(self) -> None:
        row = self._list.row
        lines: list[Line] = []
        if row is not None:
            said = trouble(row.row, self._indicators) or "all within target"
            lines = [[(f" {row.row.name}  ", "strong"), (said, "dim")]]
        self.query_one("#detail", TextView).show(lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show all again only while something is left out."""
        if action == "clear":
            return self.is_ready and self._filter.display
        if action == "filter":
            return self.is_ready and self.focused is not self._filter
        return super().check_action(action, parameters)

    def action_sort(self, steps: int) -> None:
        """Take the next order; the cursor goes to its first row, which is why one asks."""
        self._order = (self._order + steps) % len(self._orders)
        self._show_rows()
        self._list.action_edge(-1)
        self._tell()
        self.notify(f"Sorted by {self._order_title}.", markup=False, timeout=2)

    def action_filter(self) -> None:
        """Ask for letters of a name."""
        self._filter.display = True
        self.set_focus(self._filter)
        self.refresh_bindings()

    def action_clear(self) -> None:
        """Show all rows again."""
        self._filter.value = ""
        self._filter.display = False
        self.set_focus(self._list)
        self._show_rows()
        self.refresh_bindings()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while one types."""
        self._show_rows()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what was found."""
        if event.value.strip():
            self.set_focus(self._list)
        else:
            self.action_clear()

    def on_line_list_moved(self) -> None:
        """Say what is wrong with the row under the cursor."""
        self._tell()

    async def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Lead into the environment or target under the cursor."""
        row = self._list.row
        if row is None:
            return
        found = row.row
        here = self.console.services.environment
        if found.key == (not here.watch_only, here.name):
            await self.console.action_go("dashboard")
        elif found.is_environment:
            self.console.go_to(self._fleet.environments[found.name])
        else:
            self.console.go_to(self._fleet.target(found.label))
