"""A log as it is written: followed, paused, searched, filtered; any number of lines a second."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.log_window import LogFilter, LogWindow, pattern_of
from widgets.log_rows import body_of, head_of, label_of, rows_of, text_of
from widgets.strips import DrawsLines, Line

PAINT_EVERY_S = 0.125
"""Lines that come faster than anyone reads are painted together."""
SIDEWAYS = 16
_LEVELS = (
    (Severity.UNKNOWN, "all"),
    (Severity.WARNING, "warnings"),
    (Severity.ERROR, "errors"),
)


class LogPane(DrawsLines, Widget, can_focus=True):
    """Shows a bounded window of lines under one line that tells how things stand.

    At its end it follows; anywhere else it stands still while new lines are only counted.
    """

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

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window = LogWindow()
        self.secrets: tuple[str, ...] = ()
        """Values that are masked wherever they stand."""
        self.words = ""
        self._pattern: re.Pattern[str] | None = None
        self._workload = ""
        self.of = ""
        self._since = ""
        self._labels: dict[str, str] = {}
        self._follows = True
        self._top = 0
        """Number of the line at the top, while it stands still."""
        self._row = 0
        """Which of that line's rows is at the top."""
        self._seen = 0
        """How many lines had come when it began to stand still."""
        self._column = 0
        self._wraps = False
        self._level = 0
        self._is_resting = False
        self._is_dirty = False
        self._searching: Iterator[int | None] | None = None
        self._found: int | None = None
        """Number of the line that was found last, as long as it is in view."""
        self._note = ""
        self._rows: list[Line] = []

    # What the screen tells.

    def begin(self, of: str, workload: str, *, since: str = "") -> None:
        """Show another log, from nothing.

        Args:
            of: Whose it is, for the line above.
            workload: Its name, which stands in no label.
            since: From when on, in words; empty for its end.
        """
        chosen = self.window.filter
        self.window = LogWindow()
        self.window.show_only(LogFilter(least=chosen.least))
        self.of, self._workload, self._since = of, workload, since
        self._labels, self._note, self._searching = {}, "", None
        self._follows, self._top, self._row, self._column = True, 0, 0, 0
        self._repaint()

    def extend(self, lines: Sequence[LogLine]) -> None:
        """Take over new lines; they are painted a few times a second."""
        self.window.append(lines)
        for unit in {line.unit for line in lines} - self._labels.keys():
            self._labels[unit] = label_of(unit, self._workload) if unit else ""
        self._repaint()

    def search(self, words: str) -> None:
        """Mark words wherever they stand, and go to the last of them."""
        self.words = words
        self._pattern = pattern_of(words) if words else None
        if self._pattern is None:
            self._repaint()
        else:
            self.action_find(True, afresh=True)

    @property
    def is_following(self) -> bool:
        """Whether the newest line is in view."""
        return self._follows

    @property
    def status(self) -> str:
        """How things stand, in words."""
        window = self.window
        parts = [f"{window.shown:,} of {window.came:,} lines"]
        parts.append(f"{window.errors:,} {'error' if window.errors == 1 else 'errors'}")
        if self._level:
            parts.append(f"{_LEVELS[self._level][1]} only")
        if self.words:
            parts.append(f"/{self.words}")
        if self._note:
            parts.append(self._note)
        return " · ".join(parts)

    # Painting.

    def render_line(self, y: int) -> Strip:
        """Draw a row (Textual's line API)."""
        if y == 0:
            self._rows = self._built(self.size.width, max(0, self.size.height - 1))
            return self.strip(self._title(self.size.width), self.size.width)
        line = self._rows[y - 1] if y - 1 < len(self._rows) else ()
        return self.strip(line, self.size.width)

    def _title(self, width: int) -> Line:
        window = self.window
        if self._follows:
            state = "following"
        else:
            new = window.came - self._seen
            state = f"paused, {new:,} new" if new else "paused"
        left = f" {state} · {self.status}"
        right = f"{self.of}{f' since {self._since}' if self._since else ''} "
        room = max(0, width - len(left))
        style = "fill-title" if self._follows else "fill-warning"
        return [(left, style), (f"{right[-room:] if room else '':>{room}}", style)]

    def _built(self, width: int, height: int) -> list[Line]:
        """Return the rows in view: from the end backwards, or from the top on."""
        window = self.window
        if not window.shown:
            said = "No line yet." if not window.came else "No line is as severe."
            return [[(f" {said}", "dim")]]
        if self._follows:
            rows: list[Line] = []
            place = window.shown - 1
            while place >= 0 and len(rows) < height:
                rows[:0] = self._rows_at(window.number_at(place), width)
                place -= 1
            return rows[-height:]
        rows = []
        place = window.place_of(self._top)
        while place < window.shown and len(rows) < height + self._row:
            rows += self._rows_at(window.number_at(place), width)
            place += 1
        return rows[self._row :][:height]

    def _rows_at(self, number: int, width: int) -> list[Line]:
        line = self.window.line(number)
        several = len(self._labels) > 1
        cells = max(map(len, self._labels.values()), default=0) if several else 0
        label = self._labels.get(line.unit, "")
        head = head_of(line, label, cells, date=width >= 110)
        if not self._wraps:
            # A character may have marks on it that take no cell.
            return [[*head, *body_of(line, self._pattern, self.secrets, self._column, 2 * width)]]
        return rows_of(head, body_of(line, self._pattern, self.secrets), width)

    def _repaint(self) -> None:
        """Paint now, or as soon as the last picture has stood for a moment."""
        if not self.is_attached:
            return
        if self._is_resting:
            self._is_dirty = True
            return
        self._is_resting = True
        if self._stands:
            self.refresh(Region(0, 0, self.size.width, 1))
        else:
            self.refresh()
        self.set_timer(PAINT_EVERY_S, self._rested)

    @property
    def _stands(self) -> bool:
        """Whether new lines change nothing but their number above."""
        is_full = len(self._rows) == self.size.height - 1
        return not self._follows and is_full and self._top >= self.window.first

    def _rested(self) -> None:
        self._is_resting = False
        if self._is_dirty:
            self._is_dirty = False
            self._repaint()

    def notify_style_update(self) -> None:
        """Look styles up again when the theme or a class changes."""
        super().notify_style_update()
        self.forget_styles()

    # What the keys do.

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

    def _up(self, width: int) -> None:
        if self._row:
            self._row -= 1
            return
        place = self.window.place_of(self._top)
        if place:
            self._top = self.window.number_at(place - 1)
            self._row = len(self._rows_at(self._top, width)) - 1

    def _down(self, width: int) -> None:
        place = self.window.place_of(self._top)
        if place >= self.window.shown:
            return
        self._top = self.window.number_at(place)
        if self._row + 1 < len(self._rows_at(self._top, width)):
            self._row += 1
        elif place + 1 < self.window.shown:
            self._top, self._row = self.window.number_at(place + 1), 0

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
        self._level = (self._level + 1) % len(_LEVELS)
        self.window.show_only(LogFilter(least=_LEVELS[self._level][0]))
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

    def _rows_from(self, place: int, most: int) -> int:
        """Return how many rows there are from a line on; ``most`` or more are not counted."""
        rows = 0
        while place < self.window.shown and rows < most:
            rows += len(self._rows_at(self.window.number_at(place), self.size.width))
            place += 1
        return rows

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

    def _stand_still(self) -> None:
        """Keep what is in view where it is."""
        window = self.window
        if not self._follows:
            self._top = max(self._top, window.first)
            return
        self._found = None
        self._follows, self._seen = False, window.came
        height, width = max(1, self.size.height - 1), self.size.width
        self._row, used, place = 0, 0, window.shown
        while place > 0 and used < height:
            place -= 1
            used += len(self._rows_at(window.number_at(place), width))
        self._row = max(0, used - height)
        self._top = window.number_at(place) if window.shown else window.first

    def _now(self) -> None:
        """Paint what a key did at once."""
        if self.is_attached:
            self.refresh()
