"""The picture of a log: its end as it comes, or a place in it that stands still."""

import re
from collections.abc import Iterator, Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.log_window import LogFilter, LogWindow
from widgets.log_rows import body_of, head_of, label_of, rows_of
from widgets.strips import DrawsLines, Line

PAINT_EVERY_S = 0.125
"""Lines that come faster than anyone reads are painted together."""
LEVELS = (
    (Severity.UNKNOWN, "all"),
    (Severity.WARNING, "warnings"),
    (Severity.ERROR, "errors"),
)
"""What is shown, by the least severity, and what it is called."""


class LogView(DrawsLines, Widget, can_focus=True):
    """Shows a bounded window of lines under one line that tells how things stand.

    At its end it follows; anywhere else it stands still while new lines are only counted.
    """

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
            parts.append(f"{LEVELS[self._level][1]} only")
        if self.words:
            parts.append(f"/{self.words}")
        if self._note:
            parts.append(self._note)
        return " · ".join(parts)

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

    def _rows_from(self, place: int, most: int) -> int:
        """Return how many rows there are from a line on; ``most`` or more are not counted."""
        rows = 0
        while place < self.window.shown and rows < most:
            rows += len(self._rows_at(self.window.number_at(place), self.size.width))
            place += 1
        return rows

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
