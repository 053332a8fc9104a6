"""How far the log of one unit was read, so that reading on repeats nothing; pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from procedures.targets.log_lines import LogLine
from procedures.targets.log_notes import order_of

MOST_AT_ONE_TIME = 5000
"""Lines of one stamp that are remembered; of those beyond some may come twice, but none is lost."""


class LogPlace:
    """The latest stamp that came, and what was written then.

    After :meth:`resume` the same lines come once more, for a log is asked for by time; ``new``
    leaves them out.
    """

    def __init__(self) -> None:
        self._stamp = ""
        self._order = ""
        self._written: Counter[int] = Counter()
        self._repeats: Counter[int] | None = None
        """What may come again; None when nothing may."""
        self._repeats_to = ""
        self._was_repeat = False

    @property
    def since(self) -> datetime | None:
        """From when on the log has to be asked for; None if nothing with a stamp came."""
        try:
            return datetime.fromisoformat(self._stamp) if self._stamp else None
        except ValueError:
            return None

    def resume(self) -> None:
        """Expect that what was written at the latest stamp, or before, comes again."""
        if self._order:
            self._repeats = self._written.copy()
            self._repeats_to = self._order
            self._was_repeat = True

    def new(self, lines: Sequence[LogLine]) -> Sequence[LogLine]:
        """Return those of the lines that have not come before, and remember them."""
        if self._repeats is not None:
            lines = self._without_repeats(lines)
        if lines:
            self._remember(lines)
        return lines

    def _without_repeats(self, lines: Sequence[LogLine]) -> Sequence[LogLine]:
        kept: list[LogLine] = []
        for at, line in enumerate(lines):
            order = order_of(line.stamp)
            if order > self._repeats_to:
                self._repeats = None
                kept.extend(lines[at:])
                break
            if not self._is_repeat(line, order):
                kept.append(line)
        return kept

    def _is_repeat(self, line: LogLine, order: str) -> bool:
        if self._repeats is None:
            return False
        if not order:
            return self._was_repeat  # it belongs to the line before it
        self._was_repeat = order < self._repeats_to
        if order == self._repeats_to and self._repeats[hash(line.text)]:
            self._repeats[hash(line.text)] -= 1
            self._was_repeat = True
        return self._was_repeat

    def _remember(self, lines: Sequence[LogLine]) -> None:
        orders = [order_of(line[0]) for line in lines]
        latest = max(orders)
        if latest < self._order or not latest:
            return
        if latest > self._order:
            self._order = latest
            self._stamp = lines[orders.index(latest)].stamp
            self._written.clear()
        written = [
            hash(line.text) for line, order in zip(lines, orders, strict=True) if order == latest
        ]
        if len(written) + self._written.total() <= MOST_AT_ONE_TIME:
            self._written.update(written)
