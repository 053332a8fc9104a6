"""The recent past of one indicator: a value every 15 seconds, for a week at most."""

import math
from array import array
from datetime import UTC, datetime

from procedures.signals.values import History

STEP_S = 15
"""Seconds between two remembered values; instants are multiples of it."""

WEEK_S = 7 * 86_400


def aligned(at: float) -> float:
    """Return the last multiple of the step that is not after ``at``."""
    return at // STEP_S * STEP_S


class Past:
    """Values at consecutive multiples of the step, oldest first; NaN where nothing is known."""

    def __init__(self, indicator: str) -> None:
        self._indicator = indicator
        self._values = array("d")
        self._end: float | None = None

    def add(self, at: float, value: float) -> None:
        """Take the value of the instant ``at``; instants left out in between are unknown."""
        if self._end is not None:
            missing = round((at - self._end) / STEP_S) - 1
            if missing < 0:
                return
            self._values.extend([math.nan] * min(missing, WEEK_S // STEP_S))
        self._values.append(value)
        self._end = at
        surplus = len(self._values) - WEEK_S // STEP_S
        if surplus > 0:
            del self._values[:surplus]

    def history(self, seconds: float, *, most: int = 400) -> History:
        """Return the last ``seconds`` in ``most`` values or one more; empty before the first."""
        stride = max(1, math.ceil(seconds / STEP_S / most))
        count = min(len(self._values), int(seconds // STEP_S) + 1)
        values = self._values[len(self._values) - count :][::-1][::stride][::-1]
        step_s = STEP_S * stride
        start = (self._end or 0.0) - step_s * max(0, len(values) - 1)
        return History(
            indicator=self._indicator,
            start=datetime.fromtimestamp(start, UTC),
            step_s=step_s,
            values=tuple(values),
        )
