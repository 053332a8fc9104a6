"""A page of styled lines that is wrapped to its width and scrolls."""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells
from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.strips import DrawsLines, Line, Span

_WORD = re.compile(" *[^ ]+| +")


class TextView(DrawsLines, ScrollView, can_focus=True, inherit_bindings=False):
    """Shows lines; ``follow`` keeps the end in view as a log does."""

    DEFAULT_CSS = "TextView { scrollbar-size-vertical: 1; }"
    BINDINGS = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home", "scroll_home", "First", show=False),
        Binding("end", "scroll_end", "Last", show=False),
    ]

    def __init__(self, *, id: str | None = None, follow: bool = False) -> None:
        super().__init__(id=id)
        self.lines: tuple[tuple[Span, ...], ...] = ()
        self._wrapped: list[Line] = []
        self._rows: dict[tuple[Span, ...], list[Line]] = {}
        self._rows_width = 0
        self._follow = follow

    def show(self, lines: Sequence[Line]) -> None:
        """Replace the page; nothing happens when it is the same."""
        shown = tuple(map(tuple, lines))
        if shown == self.lines and self._wrapped:
            return
        self.lines = shown
        self._wrap()

    def _wrap(self) -> None:
        before = self._wrapped
        width, height = self.size
        beside_bar = width - self.styles.scrollbar_size_vertical
        fits = len(self.lines) <= height
        self._wrapped = self._wrapped_to(width if fits else beside_bar)
        if fits and len(self._wrapped) > height:
            self._wrapped = self._wrapped_to(beside_bar)
        if len(before) != len(self._wrapped):
            self.virtual_size = Size(0, len(self._wrapped))
            if self._follow:
                self.scroll_end(animate=False, force=True)
            self.refresh()
        elif before != self._wrapped:
            self.refresh()

    def _wrapped_to(self, width: int) -> list[Line]:
        """Return all rows; a line that was on the page before is not wrapped again."""
        known = self._rows if width == self._rows_width else {}
        self._rows = {line: known.get(line) or wrap(line, max(10, width)) for line in self.lines}
        self._rows_width = width
        return [row for line in self.lines for row in self._rows[line]]

    def on_resize(self, event: events.Resize) -> None:
        """Wrap to the new width."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """Draw the line that stands at ``y`` of the view."""
        index = self.scroll_offset.y + y
        line = self._wrapped[index] if index < len(self._wrapped) else ()
        return self.strip(line, self.size.width)

    def notify_style_update(self) -> None:
        """Look styles up again when the theme or a class changes."""
        super().notify_style_update()
        self.forget_styles()


def wrap(line: Line, width: int) -> list[Line]:
    """Break a line at spaces where possible; continuation lines keep the indentation."""
    if sum(cell_len(text) for text, _ in line) <= width:
        return [line]
    first = line[0][0] if line else ""
    indent = " " * min(width // 3, len(first) - len(first.lstrip(" ")))
    rows: list[list[Span]] = [[]]
    used = 0
    for text, style in line:
        for piece in _pieces(text, width - len(indent)):
            length = cell_len(piece)
            if used + length > width and used > len(indent):
                rows.append([(indent, "")])
                used = len(indent)
                piece = piece.lstrip(" ")
                length = cell_len(piece)
            if piece:
                rows[-1].append((piece, style))
                used += length
    return [tuple(row) for row in rows]


def _pieces(text: str, width: int) -> Iterator[str]:
    """Cut a text into words with the spaces before them; a longer word is cut to the width."""
    for piece in _WORD.findall(text):
        if cell_len(piece) <= width:
            yield piece
        else:
            yield from chop_cells(piece, width)
