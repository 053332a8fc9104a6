"""The terminal of a command that asks questions: shown, typed into, scrolled back."""

from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from procedures.execution.command.terminal.cells import CellStyle, Row, shown
from procedures.execution.command.terminal.screen import TerminalScreen
from widgets.painted import Painted
from widgets.strips import styles_on
from widgets.terminal_keys import key_bytes, paste_bytes

LEAVE_KEY = "ctrl+right_square_bracket"
"""The key that telnet and virsh use: no shell, pager or editor needs it for anything usual."""

HINT = "Ctrl+] leaves · Shift+PgUp scrolls back"

_WHEEL = 3
_CURSOR = Style(reverse=True)


class TerminalView(Painted, can_focus=True, inherit_bindings=False):
    """Shows one terminal; while it has the focus every key goes there, but for LEAVE_KEY.

    Shift+PgUp and Shift+PgDn look at what has scrolled off, as in any terminal.
    """

    DEFAULT_CSS = """
    TerminalView { border: round $primary 50%; }
    TerminalView:focus { border: heavy $primary; }
    """

    @dataclass
    class Typed(Message):
        """Keys were typed or text was pasted, for the command."""

        data: bytes

    @dataclass
    class Resized(Message):
        """The terminal has another size now."""

        rows: int
        cols: int

        def can_replace(self, message: Message) -> bool:
            """Say that only the newest size counts."""
            return isinstance(message, TerminalView.Resized)

    class Left(Message):
        """The operator wants to do something else; the command goes on."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="-takes-every-key")
        self.screen_shown = TerminalScreen(24, 80)
        self._back = 0
        self._styles: dict[CellStyle, Style] = {}

    def feed(self, data: bytes) -> None:
        """Show what the command printed."""
        screen = self.screen_shown
        before = screen.scrolled
        screen.feed(data)
        # Its questions were answered by the supervisor, once.
        screen.answers()
        if self._back:
            self._look_back(self._back + screen.scrolled - before)
        self.repaint()

    def clear(self) -> None:
        """Show another terminal, blank as yet, of the present size."""
        self.screen_shown = TerminalScreen(self.screen_shown.rows, self.screen_shown.cols)
        self._back = 0
        self.repaint()

    def on_resize(self, event: events.Resize) -> None:
        """Take the new size over and tell it."""
        width, height = self.size
        if width and height and (height, width) != (self.screen_shown.rows, self.screen_shown.cols):
            self.screen_shown.resize(height, width)
            self.post_message(self.Resized(height, width))
        self.repaint()

    def on_key(self, event: events.Key) -> None:
        """Type every key into the terminal."""
        event.stop()
        event.prevent_default()
        if event.key == LEAVE_KEY:
            self.post_message(self.Left())
        elif event.key in ("shift+pageup", "shift+pagedown"):
            page = self.screen_shown.rows // 2
            self._look_back(self._back + (page if event.key == "shift+pageup" else -page))
        else:
            application_cursor = self.screen_shown.application_cursor
            self._type(key_bytes(event.key, event.character, application_cursor=application_cursor))

    def on_paste(self, event: events.Paste) -> None:
        """Type the pasted text into the terminal."""
        event.stop()
        event.prevent_default()
        self._type(paste_bytes(event.text, bracketed=self.screen_shown.bracketed_paste))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look back."""
        event.stop()
        self._look_back(self._back + _WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Look forward."""
        event.stop()
        self._look_back(self._back - _WHEEL)

    def forget_styles(self) -> None:
        """Look the styles up again: the theme or the widget's own style changed."""
        super().forget_styles()
        self._styles = {}

    def _type(self, data: bytes) -> None:
        if data:
            self._look_back(0)
            self.post_message(self.Typed(data))

    def _look_back(self, lines: int) -> None:
        back = min(max(lines, 0), len(self.screen_shown.history))
        if back != self._back:
            self._back = back
            self._hint()
            self.repaint()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Say how to leave, and nothing of keys that do not work now."""
        super().watch_has_focus(has_focus)
        self._hint()

    def _hint(self) -> None:
        lines = self._back
        self.border_subtitle = (
            f"{lines:d} lines back · Shift+PgDn" if lines else HINT if self.has_focus else ""
        )

    def _draw(self) -> None:
        width, height = self.size
        self._drawn_width = width
        screen = self.screen_shown
        history = len(screen.history)
        rows = [
            screen.history[index] if index < history else screen.grid.rows[index - history]
            for index in range(history - self._back, history - self._back + height)
            if index < history + screen.rows
        ]
        plain = self._style(CellStyle())
        strips = [self._row(row).adjust_cell_length(width, plain) for row in rows]
        strips += [Strip.blank(width, plain)] * (height - len(strips))
        if screen.cursor and self.has_focus and not self._back:
            row, col = screen.cursor
            if row < height and col < width:
                strips[row] = _with_cursor(strips[row], col)
        self._picture = strips

    def _row(self, row: Row) -> Strip:
        return Strip([Segment(fitted(text), self._style(style)) for text, style in row.spans()])

    def _style(self, cell: CellStyle) -> Style:
        if cell not in self._styles:
            own = styles_on(self.background_colors[1], self.app.theme_variables)[""]
            self._styles[cell] = own + Style(
                color=None if cell.ink is None else Color.from_ansi(cell.ink),
                bgcolor=None if cell.ground is None else Color.from_ansi(cell.ground),
                bold=cell.bold,
                underline=cell.underline,
                reverse=cell.reverse,
            )
        return self._styles[cell]


def _with_cursor(strip: Strip, col: int) -> Strip:
    width = strip.cell_length
    under = strip.crop(col, col + 1)
    reversed_cell = Strip(
        [Segment(text, (style or Style()) + _CURSOR) for text, style, _ in under],
        under.cell_length,
    )
    return Strip.join([strip.crop(0, col), reversed_cell, strip.crop(col + 1, width)])


@lru_cache(4096)
def fitted(text: str) -> str:
    """Return ``text`` so that the console finds it as wide as the terminal does.

    Tables of widths differ from one version of Unicode to the next; a character about which
    they disagree is shown as ``?`` in each of its cells.
    """
    if text.isascii():
        return text
    if cell_len(text) == sum(shown(each)[1] for each in text):
        return text
    return "".join(
        each
        if cell_len(each) == shown(each)[1] == 1 or (cell_len(each), shown(each)[1]) == (2, 2)
        else "?" * shown(each)[1]
        for each in text
    )
