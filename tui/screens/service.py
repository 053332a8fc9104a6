"""What runs: one table of all targets, and beneath it logs, details and what changed recently."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.containers import Vertical
from textual.widget import Widget

from procedures.errors import ProcedureError
from procedures.signals.values import Snapshot
from tui.recent_changes import RecentChanges
from tui.screens.service_log import Followed, ServiceLog
from widgets.banner import Banner
from widgets.change_line import ChangeRow, change_line, change_rows
from widgets.columns import Columns
from widgets.line_list import LineList
from widgets.log_pane import LogPane
from widgets.strips import Line
from widgets.tab_bar import TabBar
from widgets.text_view import TextView
from widgets.unit_line import UnitRow, column_line, unit_line, unit_rows
from widgets.unit_page import target_page, unit_page, workload_page

if TYPE_CHECKING:
    from procedures.targets.seen import Deployments, Seen
    from procedures.targets.values import Unit, Workload

TABS = ("Logs", "Details", "Changes")
LOGS, DETAILS, CHANGES = range(3)
TICK_S = 1.0
LEAST_ROWS, MOST_ROWS, MOST_ROWS_TALL = 4, 9, 20
"""Lines of the table beneath the names of its columns."""
LEARN_EVERY_S = 10.0
"""How often the record and the configuration API are asked what changed."""


class ServiceScreen(ServiceLog):
    """The units of the environment's targets; the pane shows what belongs to the one chosen."""

    DEFAULT_CSS = """
    ServiceScreen {
        #table { height: 10; }
        #trouble { height: auto; max-height: 4; display: none; }
        #pane { height: 3fr; }
        #pane > * { height: 1fr; }
        &.-zoomed #table { display: none; }
    }
    """
    BINDINGS = [
        Binding(
            "right_square_bracket",
            "tab(1)",
            "Tabs",
            key_display="[ ]",
            tooltip="Logs, details, what changed recently",
        ),
        Binding("left_square_bracket", "tab(-1)", "Previous tab", key_display="[", show=False),
        Binding("a", "act", "Act", tooltip="Restart, scale, stop, start, roll back; confirmed"),
        Binding("enter", "zoom", "Zoom", tooltip="The pane alone, or both again"),
        Binding("tab", "app.focus_next", "Other part", show=False),
        Binding("escape", "unzoom", "Back", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tab = LOGS
        self._deployments: Deployments | None = None
        self._recent = RecentChanges()

    def body(self) -> Iterable[Widget]:
        """Build the table above the pane."""
        yield Banner("Service", "asking what runs")
        with Vertical(id="table"):
            yield Columns(column_line)
            yield LineList[UnitRow](unit_line, empty="Asking what runs…", id="units")
        yield TextView(id="trouble")
        yield TabBar(TABS)
        with Vertical(id="pane"):
            yield LogPane(id="log")
            yield TextView(id="details")
            yield LineList[ChangeRow](
                change_line, opens=False, empty="Nothing is known to have changed.", id="changes"
            )

    def on_mount(self) -> None:
        """Begin to ask; from now on the answers come whatever screen is on top."""
        self._units.focus()
        self._show_tab(LOGS)
        self._watch()
        self.set_interval(TICK_S, self._tick)
        self.set_interval(LEARN_EVERY_S, self._learn)
        self._learn()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no action where this console only looks."""
        if action == "act" and self.console.services.environment.read_only:
            return False
        return super().check_action(action, parameters)

    @property
    def seen(self) -> "tuple[Seen, ...]":
        """What is known of the targets; empty before the first answer."""
        known = self._deployments.seen if self._deployments else ()
        return known if any(each.holdings or each.fault for each in known) else ()

    @property
    def _units(self) -> LineList[UnitRow]:
        return self.query_one("#units", LineList)

    @work(name="targets", group="targets")
    async def _watch(self) -> None:
        # The clients take longer to import than a key press should wait.
        watch = await asyncio.to_thread(lambda: self.console.services.target_watch)
        async with aclosing(watch.pictures()) as pictures:
            async for deployments in pictures:
                self._deployments = deployments
                self._recent.of_targets = deployments.changes
                if self.is_current:
                    self._paint()

    def show(self, snapshot: Snapshot) -> None:
        """Take over alerts and backups: they are among what changed."""
        self._recent.learn_watched(snapshot)
        self._paint_changes()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was on top."""
        super().on_screen_resume()
        if self.is_ready:
            self._paint()
            self._learn()
            self.follow_chosen()

    def on_screen_suspend(self) -> None:
        """Let no log run that nobody sees."""
        self.follow_nothing()

    def _tick(self) -> None:
        if self.is_current:
            self._paint()

    @work(name="recent", group="recent", exclusive=True)
    async def _learn(self) -> None:
        if self.is_current:
            await self._recent.learn_recorded(self.console.services)
            self._paint_changes()

    # What is shown.

    def _paint(self) -> None:
        deployments = self._deployments
        if deployments is None:
            return
        now = self.console.services.clock.now()
        rows = unit_rows(deployments.seen, now)
        before = self._units.row
        place = next((i for i, row in enumerate(rows) if before and row.key == before.key), None)
        self._units.show(rows, cursor=place, empty=_why_nothing(deployments.seen))
        # As many lines as there is to show; the rest is for the log.
        most = MOST_ROWS_TALL if self.has_class("-tall") else MOST_ROWS
        self.query_one("#table").styles.height = 1 + max(LEAST_ROWS, min(most, len(rows)))
        self.query_one(Banner).show(*_banner(deployments.seen))
        troubles = _troubles(deployments.seen)
        trouble = self.query_one("#trouble", TextView)
        trouble.display = bool(troubles)
        trouble.show(troubles)
        self._paint_details()
        self._paint_changes()
        self.follow_chosen()

    def _paint_details(self) -> None:
        if self._tab != DETAILS:
            return
        now = self.console.services.clock.now()
        seen, workload, unit = self._chosen()
        lines: list[Line] = []
        if unit is not None and workload is not None:
            lines += [*unit_page(unit, workload, now), []]
        if workload is not None:
            lines += [*workload_page(workload, now), []]
        if seen is not None:
            missing = seen.holdings.missing if seen.holdings else ()
            lines += target_page(seen.place, seen.fault or seen.doubt, missing)
        self.query_one("#details", TextView).show(lines)

    def _paint_changes(self) -> None:
        if self._tab != CHANGES:
            return
        rows = change_rows(self._recent.all(), self.console.services.clock.now())
        empty = self._recent.fault or "Nothing is known to have changed."
        self.query_one("#changes", LineList).show(rows, empty=empty)

    def _chosen(self) -> "tuple[Seen | None, Workload | None, Unit | None]":
        """Return the target, workload and unit under the cursor, as far as it is on one."""
        row = self._units.row
        if row is None or self._deployments is None:
            return None, None, None
        seen = next((s for s in self._deployments.seen if s.place.name == row.target), None)
        if seen is None or seen.holdings is None:
            return seen, None, None
        workload = seen.holdings.workload(row.workload)
        units = workload.units if workload else ()
        return seen, workload, next((unit for unit in units if unit.id == row.unit), None)

    def follow_chosen(self) -> None:
        """Follow the log of what is under the cursor, once the cursor rests there."""
        seen, workload, unit = self._chosen()
        if self._tab != LOGS or seen is None or workload is None or not self.is_current:
            return
        chosen = Followed(
            target=seen.place.name,
            workload=workload.name,
            unit=unit.name if unit and len(workload.units) > 1 else "",
            since_s=self.since_s,
        )
        self.follow(chosen)

    # What the keys do.

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Show what belongs to the row under the cursor."""
        if event.control is self._units:
            self._paint_details()
            self.follow_chosen()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Give the pane the whole screen."""
        self.action_zoom()

    def action_tab(self, steps: int) -> None:
        """Show another tab."""
        self._show_tab((self._tab + steps) % len(TABS))

    def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """Show the tab that was clicked."""
        self._show_tab(event.index)

    def _show_tab(self, index: int) -> None:
        self._tab = index
        self.query_one(TabBar).show(index)
        for number, pane in ((LOGS, "#log"), (DETAILS, "#details"), (CHANGES, "#changes")):
            self.query_one(pane).display = number == index
        self._paint()
        self.follow_chosen()

    def action_zoom(self) -> None:
        """Give the pane the whole screen, or show the table again."""
        self.toggle_class("-zoomed")

    def action_unzoom(self) -> None:
        """Show the table again."""
        self.remove_class("-zoomed")
        self._units.focus()

    @work(name="act", group="act")
    async def action_act(self) -> None:
        """Choose what to do to the workload under the cursor, and walk it."""
        from tui.quick_acting import act

        seen, workload, _ = self._chosen()
        if seen is None or workload is None:
            self.notify("Put the cursor on a workload first.", markup=False)
            return
        target = self.console.services.target_watch.target(seen.place.name)
        try:
            await act(target, workload, self.console, doubt=seen.doubt)
        except ProcedureError as error:
            self.console.tell(error)


def _banner(seen: "tuple[Seen, ...]") -> tuple[str, str, bool]:
    """Return title, note and whether there is trouble: where this is, on every size of screen."""
    place = seen[0].place
    troubled = any(each.fault or each.doubt for each in seen)
    note = "trouble" if troubled else ""
    return f"Service  {place.method.value} · {place.where}", note, troubled


def _troubles(seen: "tuple[Seen, ...]") -> list[Line]:
    """Return what is wrong and what to do, in full, for each target that has trouble."""
    return [
        [(f" ? {each.place.name}: {each.fault or each.doubt}", "unknown")]
        for each in seen
        if each.fault or each.doubt
    ]


def _why_nothing(seen: "tuple[Seen, ...]") -> str:
    return "Not known." if any(each.fault or each.doubt for each in seen) else "Nothing runs here."
