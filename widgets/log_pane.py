"""A log with its keys: paused, searched, filtered, copied, saved."""

from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.message import Message

from procedures.targets.log_lines import Severity
from procedures.targets.log_window import LogFilter, pattern_of
from widgets.log_rows import text_of
from widgets.log_view import LEVELS, LogView

SIDEWAYS = 16
"""Cells by which a cut line is moved."""


class LogPane(LogView):
    """What an operator does to a log; what needs more than the log is asked of the screen."""

    DEFAULT_CSS = "LogPane { height: 1fr; }"
    BINDINGS = [
        Binding("space", "pause", "Pause", tooltip="Stand still; again: follow the end"),
        Binding("slash", "ask_search", "Search", tooltip="Find words; n and N go on"),
        Binding("f", "level", "Level", tooltip="All lines, warnings and errors, errors only"),
        Binding("n", "find(False)", "Next match", show=False),
        Binding("N", "find(True)", "Match before", show=False),
        Binding("e", "find_error", "Error before", show=False, tooltip="The last error above"),
        Binding("w", "wrap", "Wrap", show=False, tooltip="Break long lines, or cut them"),
        Binding("t", "ask_since", "Since", show=False, tooltip="From which time on"),
        Binding("c", "copy", "Copy", show=False, tooltip="The top line, to the clipboard"),
        Binding("s", "ask_save", "Save", show=False, tooltip="All that is shown, to a file"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "top", "First", show=False),
        Binding("end", "follow", "Follow", show=False),
        Binding("left", "sideways(-1)", "Left", show=False),
        Binding("right", "sideways(1)", "Right", show=False),
    ]

    @dataclass
    class SearchAsked(Message):
        """The operator wants to find words."""

        words: str

    class SinceAsked(Message):
        """The operator wants another beginning."""

    class SaveAsked(Message):
        """The operator wants the lines in a file."""

    def search(self, words: str) -> None:
        """Mark words wherever they stand, and go to the last of them."""
        self.words = words
        self._pattern = pattern_of(words) if words else None
        if self._pattern is None:
            self._repaint()
        else:
            self.action_find(True, afresh=True)

    def action_pause(self) -> None:
        """Stand still, or follow the end again."""
        if self._follows:
            self._stand_still()
        else:
            self.action_follow()
        self._now()

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self._follows, self._note = True, ""
        self._now()

    def action_top(self) -> None:
        """Go to the oldest line that is kept."""
        self._stand_still()
        self._top, self._row = self.window.first, 0
        self._now()

    def action_move(self, rows: int) -> None:
        """Scroll by rows; past the last line it follows again."""
        window = self.window
        if self._follows and rows > 0:
            return
        self._stand_still()
        self._found = None
        width, height = self.size.width, max(1, self.size.height - 1)
        for _ in range(abs(rows)):
            if rows < 0:
                self._up(width)
            else:
                self._down(width)
        below = self._rows_from(window.place_of(self._top), height + self._row + 1)
        if rows > 0 and below - self._row <= height:
            self._follows, self._note = True, ""
        self._now()

    def action_page(self, direction: int) -> None:
        """Scroll by a screenful."""
        self.action_move(direction * max(1, self.size.height - 2))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll."""
        self.action_move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll."""
        self.action_move(3)

    def action_sideways(self, direction: int) -> None:
        """Show what a cut line says further to the right."""
        self._column = max(0, self._column + direction * SIDEWAYS)
        self._now()

    def action_wrap(self) -> None:
        """Break long lines, or cut them."""
        self._wraps = not self._wraps
        self._row = self._column = 0
        self._now()

    def action_level(self) -> None:
        """Show the next level."""
        self._level = (self._level + 1) % len(LEVELS)
        self.window.show_only(LogFilter(least=LEVELS[self._level][0]))
        self._row = 0
        self._now()

    def action_find(self, back: bool, *, afresh: bool = False) -> None:
        """Go to the next line with what is sought, a slice of the search at a time."""
        window = self.window
        if self._pattern is None:
            self.action_ask_search()
            return
        if self._follows or afresh:
            start = window.came - 1 if back else window.first
        elif self._found is not None:
            start = self._found + (-1 if back else 1)
        else:
            start = self._top
        self._searching = window.search(self._pattern, start, back=back)
        self._search_on("no match above" if back else "no match below")

    def action_find_error(self) -> None:
        """Go to the last error above."""
        here = self._top if self._found is None else self._found
        number = self.window.came - 1 if self._follows else here - 1
        while number >= self.window.first:
            if self.window.line(number).severity is Severity.ERROR:
                self._go_to(number)
                return
            number -= 1
        self._note = "no error above"
        self._now()

    def _search_on(self, otherwise: str) -> None:
        searching = self._searching
        if searching is None:
            return
        found = next(searching, -1)
        if found is None:
            self._note = "searching"
            self.call_later(self._search_on, otherwise)
        elif found < 0:
            self._searching, self._note = None, otherwise
            self._now()
        else:
            self._searching = None
            self._go_to(found)

    def _go_to(self, number: int) -> None:
        """Show a line with some of what came before and after it."""
        self._stand_still()
        window = self.window
        height, width = max(1, self.size.height - 1), self.size.width
        place = min(window.place_of(number), window.shown - 1)
        self._top, self._row = window.number_at(place), 0
        for _ in range(height // 3):
            self._up(width)
        below = self._rows_from(window.place_of(self._top), height + self._row) - self._row
        for _ in range(height - below):
            self._up(width)
        self._note, self._found = "", number
        self._now()

    def action_copy(self) -> None:
        """Copy the line at the top; while it follows, the newest."""
        window = self.window
        if not window.shown:
            return
        place = window.shown - 1 if self._follows else window.place_of(self._top)
        line = window.line(window.number_at(min(place, window.shown - 1)))
        self.app.copy_to_clipboard(text_of(line, self.secrets))
        self.notify("Copied one line.", timeout=2)

    def action_ask_search(self) -> None:
        """Let the screen ask for words."""
        self.post_message(self.SearchAsked(self.words))

    def action_ask_since(self) -> None:
        """Let the screen ask for a time."""
        self.post_message(self.SinceAsked())

    def action_ask_save(self) -> None:
        """Let the screen ask for a file."""
        self.post_message(self.SaveAsked())
