"""The last lines of a log, bounded; filtered and searched; pure."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from procedures.targets.log_lines import LogLine, Severity

MOST_LINES = 50_000
MOST_CHARACTERS = 32 * 1024 * 1024
_SLICE_LINES = 2_000
_SLICE_CHARACTERS = 500_000
"""What is searched in one go: a few milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which lines are shown.

    Attributes:
        least: Only lines that say they are at least so severe; UNKNOWN for all.
        unit: Only lines of this unit; empty for all.
    """

    least: Severity = Severity.UNKNOWN
    unit: str = ""

    @property
    def is_open(self) -> bool:
        """Whether every line passes."""
        return self.least is Severity.UNKNOWN and not self.unit

    def passes(self, line: LogLine) -> bool:
        """Tell whether a line is shown."""
        return line.severity >= self.least and self.unit in ("", line.unit)


class LogWindow:
    """Keeps the newest lines; each has a number that it keeps for as long as it is here.

    Numbers count all lines that ever came, from 0. Appending costs what is appended, whatever the
    filter; the oldest lines go when there are too many, or too much in them.

    Attributes:
        came: How many lines ever came.
        errors: How many of these said that they were errors.
    """

    def __init__(
        self, *, most_lines: int = MOST_LINES, most_characters: int = MOST_CHARACTERS
    ) -> None:
        self._most_lines = most_lines
        self._most_characters = most_characters
        self._lines: list[LogLine] = []
        self._first = 0
        """Number of the oldest line that is kept; those before it in the list are gone."""
        self._base = 0
        """Number of the first line in the list, which is cut now and then only."""
        self._characters = 0
        self._severities: Counter[Severity] = Counter()
        self._filter = LogFilter()
        self._shown: list[int] = []
        self.came = 0
        self.errors = 0

    @property
    def first(self) -> int:
        """Number of the oldest line that is kept; also how many are gone."""
        return self._first

    @property
    def filter(self) -> LogFilter:
        """Which lines are shown."""
        return self._filter

    def __len__(self) -> int:
        return self.came - self._first

    def line(self, number: int) -> LogLine:
        """Return the line of that number, which must still be kept."""
        return self._lines[number - self._base]

    def lines(self) -> Sequence[LogLine]:
        """Return all lines that are kept and shown, the oldest first."""
        kept = self._lines[self._first - self._base :]
        return kept if self._filter.is_open else [x for x in kept if self._filter.passes(x)]

    def count(self, severity: Severity) -> int:
        """Return how many of the kept lines say that they are as severe."""
        return self._severities[severity]

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end."""
        number = self.came
        self._lines += lines
        self.came += len(lines)
        severities = Counter([line.severity for line in lines])
        self._severities += severities
        self.errors += severities[Severity.ERROR]
        self._characters += sum([len(line.text) for line in lines])
        if not self._filter.is_open:
            self._shown += _passing(lines, number, self._filter)
        self._let_go()

    def show_only(self, chosen: LogFilter) -> None:
        """Show other lines than before."""
        self._filter = chosen
        kept = self._lines[self._first - self._base :]
        self._shown = [] if chosen.is_open else _passing(kept, self._first, chosen)

    # The lines that are shown, by their place among these.

    @property
    def shown(self) -> int:
        """How many of the kept lines are shown."""
        return len(self) if self._filter.is_open else len(self._shown) - self._gone

    def number_at(self, place: int) -> int:
        """Return the number of the line that is shown at ``place``, from 0."""
        return self._first + place if self._filter.is_open else self._shown[self._gone + place]

    def place_of(self, number: int) -> int:
        """Return where a line is shown; of one that is not, the place of the next that is."""
        if self._filter.is_open:
            return max(0, min(number - self._first, len(self)))
        return max(0, bisect_left(self._shown, number) - self._gone)

    @property
    def _gone(self) -> int:
        return bisect_left(self._shown, self._first)

    # Search.

    def search(self, pattern: "re.Pattern[str]", start: int, *, back: bool) -> Iterator[int | None]:
        """Look for the next line that is shown and matches; yield None after each slice of work.

        The number that is yielded at last is that of the line; it ends without one if none matches.

        Args:
            pattern: See :func:`pattern_of`.
            start: Number of the first line to look at.
            back: Look at earlier lines, not at later ones.
        """
        number, looked, characters = start, 0, 0
        while self._first <= number < self.came:
            line = self.line(number)
            if self._filter.passes(line) and pattern.search(line.text):
                yield number
                return
            looked += 1
            characters += len(line.text)
            if looked >= _SLICE_LINES or characters >= _SLICE_CHARACTERS:
                yield None
                looked = characters = 0
            number += -1 if back else 1

    def _let_go(self) -> None:
        """Forget the oldest lines; the list itself is cut only when half of it is old."""
        first, base = self._first, self._base
        while len(self) > self._most_lines or (
            self._characters > self._most_characters and len(self) > 1
        ):
            line = self._lines[self._first - base]
            self._characters -= len(line.text)
            self._severities[line.severity] -= 1
            self._first += 1
        if self._first == first or self._first - base < len(self._lines) // 2:
            return
        del self._lines[: self._first - base]
        self._base = self._first
        del self._shown[: bisect_right(self._shown, self._first - 1)]


def _passing(lines: Sequence[LogLine], first: int, chosen: LogFilter) -> list[int]:
    """Return the numbers of lines that are shown; a call for each would cost five times as much."""
    least, unit = chosen.least, chosen.unit
    numbered = enumerate(lines, first)
    if unit:
        return [n for n, line in numbered if line[2] >= least and line[1] == unit]
    return [n for n, line in numbered if line[2] >= least]


def pattern_of(words: str) -> "re.Pattern[str]":
    """Return what finds ``words`` as they are; with a capital letter in them, in the same case."""
    exact = any(letter.isupper() for letter in words)
    return re.compile(re.escape(words), 0 if exact else re.IGNORECASE)
