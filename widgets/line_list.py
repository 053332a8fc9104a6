"""A list of any length that draws only the rows in view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.painted import differences
from widgets.strips import DrawsLines, Line

Row = TypeVar("Row")


class LineList(DrawsLines, ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows with a cursor; each is drawn as one line when it comes into view.

    ``draw`` gets a row, its width and whether the cursor is on it. Where rows are only looked at,
    ``opens`` is false and Enter is not offered.
    """

    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(-1)", "First", show=False),
        Binding("end", "edge(1)", "Last", show=False),
        Binding("enter", "open", "Open", tooltip="Open what the cursor is on"),
    ]
    DEFAULT_CSS = "LineList { height: 1fr; scrollbar-size-vertical: 1; }"

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Opened(Message):
        """Enter was pressed on row ``index``."""

        origin: "LineList[Any]"
        index: int

        @property
        def control(self) -> "LineList[Any]":
            """The list concerned."""
            return self.origin

    @dataclass
    class Moved(Message):
        """The cursor came to row ``index``."""

        origin: "LineList[Any]"
        index: int

        @property
        def control(self) -> "LineList[Any]":
            """The list concerned."""
            return self.origin

        def can_replace(self, message: Message) -> bool:
            """Let a burst of moves collapse to the newest."""
            return isinstance(message, LineList.Moved)

    def __init__(
        self,
        draw: Callable[[Row, int, bool], Line],
        *,
        empty: str = "",
        opens: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._opens = opens
        self._empty = empty
        self.rows: Sequence[Row] = ()

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None in an empty list."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[Row], *, cursor: int | None = None, empty: str = "") -> None:
        """Replace all rows; the cursor keeps its place unless ``cursor`` says another."""
        before, self.rows = self.rows, rows
        self._empty = empty or self._empty
        wanted = self.cursor if cursor is None else cursor
        self.cursor = max(0, min(wanted, len(rows) - 1))
        if len(before) != len(rows) or not rows:
            self.virtual_size = Size(0, len(rows))
            self.refresh()
            return
        top, height = self.scroll_offset.y, self.size.height
        changed = [
            Region(start, index - top, end - start, 1)
            for index in range(top, min(top + height, len(rows)))
            if before[index] != rows[index]
            for start, end in differences(
                self._drawn(before[index], index), self._drawn(rows[index], index)
            )
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Draw the row that stands at line ``y`` of the view."""
        index = self.scroll_offset.y + y
        width = self.size.width
        if index >= len(self.rows):
            text = self._empty if index == 0 and not self.rows else ""
            return self.strip([(f" {text}", "dim")] if text else [], width)
        return self._drawn(self.rows[index], index)

    def _drawn(self, row: Row, index: int) -> Strip:
        """Draw ``row`` as it looks at the place ``index``."""
        visible = self.scrollable_content_region.width
        line = self._draw(row, visible, index == self.cursor and self.has_focus)
        return self.strip(line, self.size.width)

    def watch_cursor(self, before: int, after: int) -> None:
        """Repaint the two rows concerned and keep the cursor in view."""
        for index in (before, after):
            self._refresh_row(index)
        self.scroll_to_region(
            Region(0, after, max(1, self.size.width), 1), animate=False, force=True
        )
        self.post_message(self.Moved(self, after))

    def on_focus(self, event: events.Focus) -> None:
        """Show the cursor."""
        self._refresh_row(self.cursor)

    def on_blur(self, event: events.Blur) -> None:
        """Hide the cursor."""
        self._refresh_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row; a double click opens it."""
        index = self.scroll_offset.y + event.y
        if index < len(self.rows):
            self.cursor = index
            if event.chain == 2:
                self.action_open()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open a row only where that does something."""
        return self._opens if action == "open" else super().check_action(action, parameters)

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(self.cursor + rows, len(self.rows) - 1))

    def action_page(self, direction: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(direction * max(1, self.size.height - 1))

    def action_edge(self, direction: int) -> None:
        """Go to the first or the last row."""
        self.cursor = 0 if direction < 0 else max(0, len(self.rows) - 1)

    def action_open(self) -> None:
        """Tell that the row under the cursor was chosen."""
        if self.row is not None:
            self.post_message(self.Opened(self, self.cursor))

    def notify_style_update(self) -> None:
        """Look styles up again when the theme or a class changes."""
        super().notify_style_update()
        self.forget_styles()
