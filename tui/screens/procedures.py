"""The list of procedures: unfinished runs first, then all documents, grouped or as found."""

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from procedures.execution.run.run import Run
from tui.screens.base import ConsoleScreen
from widgets.banner import Banner
from widgets.line_list import LineList
from widgets.marks import counted
from widgets.procedure_line import OTHER, ProcedureRow, found_note, grouped, procedure_row_line

if TYPE_CHECKING:
    from procedures.library.library import Shelf

LOOK_EVERY_S = 2.0
LOOK_SHARE = 50
"""A directory that takes long to look at is looked at less often: this many times its duration."""
READ_FOR_S = 0.03
"""How long documents are read before the screen may breathe."""


class ProceduresScreen(ConsoleScreen):
    """Find a procedure, read it, walk it, or take up a run that was left."""

    DEFAULT_CSS = """
    ProceduresScreen #search { height: 1; border: none; padding: 0 1; background: $surface; }
    """
    AUTO_FOCUS = "#procedures"
    BINDINGS = [
        # With priority it acts before the next key is handed on: what is typed ahead is not lost.
        Binding(
            "slash",
            "search",
            "Search",
            key_display="/",
            priority=True,
            tooltip="Titles, text and commands",
        ),
        Binding("b", "browse", "Browse by", tooltip="Group by theme, alert, severity or role"),
        Binding("h", "history", "Past runs", tooltip="The latest runs, ended ones too"),
        Binding("v", "read", "Read", tooltip="The whole document, with its links"),
        Binding("right_square_bracket", "group(1)", "Next group", show=False, key_display="]"),
        Binding("left_square_bracket", "group(-1)", "Previous group", show=False, key_display="["),
        Binding("escape", "clear", "Show all", tooltip="Empty the search field"),
        Binding("f5", "reload", "Reload", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._facet = "theme"
        self._folded: frozenset[str] = frozenset()
        self._runs: tuple[Run, ...] = ()
        self._next_look = 0.0
        self._shown: Shelf | None = None
        self._is_reading = False

    def body(self) -> Iterable[Widget]:
        """Build the search field above the list."""
        yield Banner("Procedures", "reading the catalogue")
        yield Input(
            placeholder="/ searches titles, text and commands; alert:CacheDown, role:on-call…",
            id="search",
            compact=True,
        )
        yield LineList[ProcedureRow](
            procedure_row_line, empty="Reading the catalogue…", id="procedures"
        )

    def on_mount(self) -> None:
        """Look for changed documents now and then."""
        self.set_interval(LOOK_EVERY_S, self._look_again)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show all again only while something is sought."""
        if action == "clear":
            if not self.is_ready:
                return False
            field = self.query_one("#search", Input)
            return bool(field.value) or self.focused is field
        if action == "search":
            return self.is_ready and self.focused is not self.query_one("#search", Input)
        return super().check_action(action, parameters)

    @property
    def _list(self) -> LineList[ProcedureRow]:
        return self.query_one("#procedures", LineList)

    @property
    def _typed(self) -> str:
        return self.query_one("#search", Input).value.strip()

    def on_screen_resume(self) -> None:
        """Read runs and documents again: both may have changed meanwhile."""
        super().on_screen_resume()
        self.action_reload()

    def action_reload(self) -> None:
        """Read the ledger's unfinished runs and look at the documents."""
        self._load()

    def _look_again(self) -> None:
        if self.is_current and not self._is_reading and monotonic() >= self._next_look:
            self._look()

    @work(name="catalogue", exclusive=True)
    async def _load(self) -> None:
        self._runs = tuple(await self.console.open_runs())
        await self._read(await self._shelf())

    @work(name="look", group="look", exclusive=True)
    async def _look(self) -> None:
        before = self._shown
        shelf = await self._shelf()
        if shelf is not before:
            await self._read(shelf)

    async def _shelf(self) -> "Shelf":
        before = monotonic()
        shelf = await self.console.services.shelf()
        self._next_look = monotonic() + LOOK_SHARE * (monotonic() - before)
        return shelf

    async def _read(self, shelf: "Shelf") -> None:
        """Show the documents, and read those that are new or changed."""
        self._is_reading = True
        try:
            await self._read_all(shelf)
        finally:
            self._is_reading = False

    async def _read_all(self, shelf: "Shelf") -> None:
        services = self.console.services
        await self._show()
        told_at = monotonic()
        while shelf.unread:
            shelf = await services.read_some(READ_FOR_S)
            if not shelf.unread or monotonic() - told_at > 1.0:
                told_at = monotonic()
                await self._show()
            await asyncio.sleep(0)
        self._shown = shelf

    @work(name="search", group="search", exclusive=True)
    async def _search(self) -> None:
        await self._show(to_top=True)

    async def _show(self, *, to_top: bool = False) -> None:
        """Show what the search field asks for; the cursor stays on its document."""
        from procedures.library.browse import groups_by

        services = self.console.services
        typed = self._typed
        found = await services.search(typed)
        if typed:
            rows = [ProcedureRow(entry=entry) for entry in found]
        else:
            groups = [(name or OTHER, entries) for name, entries in groups_by(self._facet, found)]
            rows = [ProcedureRow(run=run) for run in self._runs]
            rows += grouped(groups, self._folded)
        before = self._list.row
        cursor = 0 if to_top else _place_of(before, rows)
        self._list.show(rows, cursor=cursor, empty="Nothing is found. Esc shows all again.")
        self._write_banner(len(found), services.unread)

    def _write_banner(self, found: int, unread: int) -> None:
        notes = [found_note(found, unread)]
        if self._runs:
            notes.append(counted(len(self._runs), "unfinished run"))
        if not self._typed:
            notes.append(f"by {self._facet}")
        self.query_one(Banner).show("Procedures", ", ".join(notes))

    def action_search(self) -> None:
        """Go to the search field."""
        self.set_focus(self.query_one("#search", Input))

    def on_input_changed(self) -> None:
        """Answer as one types."""
        self.refresh_bindings()
        self._search()

    def on_input_submitted(self) -> None:
        """Go to what was found."""
        self.set_focus(self._list)

    def on_key(self, event: object) -> None:
        """Let the arrow keys leave the search field for the list."""
        key = getattr(event, "key", "")
        if key in ("down", "pagedown") and self.query_one("#search", Input).has_focus:
            self.set_focus(self._list)

    def action_clear(self) -> None:
        """Empty the search field and go back to the list."""
        self.query_one("#search", Input).value = ""
        # Widget.focus() waits its turn, and the next key would be typed into the field.
        self.set_focus(self._list)

    @work(name="history", group="history")
    async def action_history(self) -> None:
        """List the latest runs and open the one that is chosen."""
        from tui.screens.past_runs import PastRunsScreen

        run = await self.app.push_screen_wait(PastRunsScreen(self.console.services))
        if run is not None:
            await self.console.resume_run(run)

    def action_browse(self) -> None:
        """Group by the next facet."""
        from procedures.library.browse import BROWSED

        self._facet = BROWSED[(BROWSED.index(self._facet) + 1) % len(BROWSED)]
        self._folded = frozenset()
        self.query_one("#search", Input).value = ""
        self._search()

    def action_group(self, direction: int) -> None:
        """Go to the next or the previous heading."""
        here = self._list.cursor
        heads = [index for index, row in enumerate(self._list.rows) if row.group]
        ahead = [each for each in heads if (each > here if direction > 0 else each < here)]
        if ahead:
            self._list.cursor = ahead[0] if direction > 0 else ahead[-1]

    async def action_read(self) -> None:
        """Show the whole document under the cursor."""
        row = self._list.row
        if row is not None and row.entry is not None:
            await self.console.read_entry(row.entry)

    async def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Open the document, take up the run, or fold the group under the cursor."""
        row = self._list.row
        if row is None:
            return
        if row.group:
            self._folded ^= {row.group}
            await self._show()
        elif row.run is not None:
            await self.console.resume_run(row.run)
        elif row.entry is not None:
            await self.console.open_entry(row.entry)


def _place_of(row: ProcedureRow | None, rows: list[ProcedureRow]) -> int | None:
    """Return where the row is now; None if it is gone."""
    if row is None:
        return None
    for index, each in enumerate(rows):
        if row.entry is not None and each.entry is not None:
            if row.entry.path == each.entry.path:
                return index
        elif row.run is not None and each.run is not None:
            if row.run.id == each.run.id:
                return index
        elif row.group and row.group == each.group:
            return index
    return None
