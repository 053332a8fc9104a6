"""Lines of several units brought into the order in which they were written; pure.

A log that is read from its beginning comes faster than it was written, and each unit's at a pace of
its own. As long as one of them catches up, lines wait for its older ones; afterwards each is passed
on as it comes.
"""

from collections.abc import Sequence
from operator import itemgetter

from procedures.targets.log_lines import LogLine
from procedures.targets.log_notes import order_of

REORDER_S = 0.2
"""How long a unit that catches up is waited for when it is silent."""

_Ordered = tuple[str, LogLine]


class _Unit:
    """Lines of one unit that were not passed on yet, each with the text it is sorted by.

    That never decreases within a unit: what one unit writes stays in its order.
    """

    def __init__(self, now_s: float, present: str = "") -> None:
        self.waiting: list[_Ordered] = []
        self.size = 0
        self.order = ""
        self.present = present
        self.catches_up = True
        self.is_gone = False
        self.heard_s = now_s

    def add(self, lines: Sequence[LogLine], now_s: float) -> None:
        order = self.order
        for line in lines:
            written = order_of(line[0])
            if written > order:
                order = written
            self.waiting.append((order, line))
            self.size += len(line[3])
        self.order = order
        self.heard_s = now_s
        # Without stamps there is nothing to wait for, and from the present on nothing older comes.
        if not order or order >= self.present:
            self.catches_up = False

    def take(self, until: str) -> list[_Ordered]:
        waiting = self.waiting
        if not waiting or waiting[-1][0] <= until:
            self.waiting, self.size = [], 0
            return waiting
        count = next(at for at, (order, _) in enumerate(waiting) if order > until)
        taken, self.waiting = waiting[:count], waiting[count:]
        self.size = sum(len(line.text) for _, line in self.waiting)
        return taken


class LogMerge:
    """Takes lines of units, and gives them out in the order of their stamps.

    Times are seconds of one clock that never goes back.
    """

    def __init__(self) -> None:
        self._units: dict[str, _Unit] = {}

    def begin(self, unit: str, now_s: float, present: str) -> None:
        """Expect older lines of a unit, which catches up until it comes to the present.

        Args:
            unit: Whose.
            now_s: The present, on the clock that never goes back.
            present: The same as a stamp.
        """
        known = self._units.setdefault(unit, _Unit(now_s))
        known.catches_up, known.is_gone = True, False
        known.heard_s, known.present = now_s, order_of(present)

    def add(self, unit: str, lines: Sequence[LogLine], now_s: float) -> None:
        """Take lines of a unit; none at all say that it has caught up."""
        known = self._units.setdefault(unit, _Unit(now_s))
        known.is_gone = False
        if lines:
            known.add(lines, now_s)
        else:
            known.catches_up = False

    def end(self, unit: str) -> None:
        """Expect no more of a unit for now."""
        if known := self._units.get(unit):
            known.catches_up = False

    def forget(self, unit: str) -> None:
        """Expect nothing of a unit any more; what waits is still given out."""
        if known := self._units.get(unit):
            known.catches_up, known.is_gone = False, True

    @property
    def has_lines(self) -> bool:
        """Whether anything waits here."""
        return any(each.waiting for each in self._units.values())

    def waiting(self, unit: str) -> tuple[int, int]:
        """Return how many lines of a unit wait here, and how many characters."""
        known = self._units.get(unit)
        return (len(known.waiting), known.size) if known else (0, 0)

    def wait_s(self, now_s: float) -> float | None:
        """Return how long to wait for a silent unit before taking; None if for none."""
        if not self.has_lines:
            return None
        waits = [
            each.heard_s + REORDER_S - now_s
            for each in self._units.values()
            if each.catches_up and not each.waiting
        ]
        return max(waits) if waits and max(waits) > 0 else None

    def take(self, now_s: float) -> list[LogLine]:
        """Return the lines that no older one can come before, as far as that is known."""
        for each in self._units.values():
            if each.catches_up and not each.waiting and now_s - each.heard_s >= REORDER_S:
                each.catches_up = False
        if self.wait_s(now_s) is not None:
            return []
        full = [each for each in self._units.values() if each.waiting]
        until = min((each.order for each in full if each.catches_up), default="\uffff")
        self._units = {n: u for n, u in self._units.items() if u.waiting or not u.is_gone}
        if len(full) == 1:
            return [line for _, line in full[0].take(until)]
        taken = [pair for each in full for pair in each.take(until)]
        taken.sort(key=itemgetter(0))
        return [line for _, line in taken]
