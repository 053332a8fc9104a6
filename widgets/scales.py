"""How values are drawn: axes, threshold bands and block charts, as plain text and style names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.reference.states import State
from procedures.reference.thresholds import Threshold, Worse
from widgets.strips import Span

EIGHTHS = " ▁▂▃▄▅▆▇█"
BAND_SIGNS = {State.OK: "░", State.WARNING: "▒", State.CRITICAL: "▓"}
MARKER = "◆"


@dataclass(frozen=True, slots=True)
class Axis:
    """The range of values that a drawing covers."""

    low: float
    high: float

    def part(self, value: float) -> float:
        """Return where ``value`` lies, 0 at ``low`` and 1 at ``high``, never beyond."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def axis(values: Sequence[float], threshold: Threshold | None, *, unit: str = "") -> Axis:
    """Choose an axis on which the values and both thresholds can be seen."""
    known = [value for value in values if math.isfinite(value)]
    if threshold is None:
        low, high = min([0.0, *known]), max(known, default=1.0) * 1.1
    elif threshold.worse is Worse.HIGHER:
        low, high = min([0.0, *known]), max([threshold.critical * 1.25, *known])
    else:
        span = threshold.target - threshold.critical
        low = min([threshold.critical - span, *known])
        high = max([threshold.target + span, *known])
        if unit == "%":
            high = min(high, 100.0)
    return Axis(low, high if high > low else low + 1.0)


def band(value: float | None, threshold: Threshold, scale: Axis, width: int) -> list[Span]:
    """Draw the three bands of a threshold as one row, with a marker where ``value`` lies."""
    spans: list[Span] = []
    marked = None if value is None else round(scale.part(value) * (width - 1))
    for column in range(width):
        here = scale.low + (scale.high - scale.low) * (column + 0.5) / width
        state = threshold.state(here)
        sign, style = BAND_SIGNS[state], state.value
        if column == marked and value is not None:
            sign, style = MARKER, "strong"
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + sign, style)
        else:
            spans.append((sign, style))
    return spans


def columns(
    values: Sequence[float],
    start_s: float,
    step_s: float,
    end_s: float,
    range_s: float,
    width: int,
    *,
    phase: float = 0.0,
) -> list[float]:
    """Gather evenly spaced values into ``width`` columns that end at ``end_s``; NaN where empty.

    Column borders stand at fixed instants (multiples of a column's duration), so that a refresh
    changes the newest column and leaves the others as they are. A column shows its latest value.
    ``phase`` moves the borders by a part of a column, so that not all charts shift at once.
    """
    duration_s = range_s / width
    last = math.floor(end_s / duration_s + phase)
    gathered = [math.nan] * width
    for index, value in enumerate(values):
        if math.isnan(value):
            continue
        place = math.floor((start_s + index * step_s) / duration_s + phase)
        column = width - 1 - (last - place)
        if 0 <= column < width:
            gathered[column] = value
    return gathered


def chart(
    gathered: Sequence[float], scale: Axis, threshold: Threshold | None, height: int
) -> list[list[Span]]:
    """Draw columns as block rows, top first, with the thresholds as lines across them."""
    levels = [
        0 if math.isnan(value) else max(1, round(scale.part(value) * height * 8))
        for value in gathered
    ]
    lines = _threshold_rows(scale, threshold, height)
    rows: list[list[Span]] = []
    for row in range(height):
        base = (height - 1 - row) * 8
        sign, style = lines.get(row, (" ", ""))
        spans: list[Span] = []
        for value, level in zip(gathered, levels, strict=True):
            filled = min(8, max(0, level - base))
            if filled:
                state = (threshold.state(value) if threshold else State.OK).value
                piece, name = EIGHTHS[filled], f"chart-{state}"
                if filled == 8 and row in lines:
                    piece, name = sign, f"over-{state}"
            else:
                piece, name = sign, style
            if spans and spans[-1][1] == name:
                spans[-1] = (spans[-1][0] + piece, name)
            else:
                spans.append((piece, name))
        rows.append(spans)
    return rows


def _threshold_rows(
    scale: Axis, threshold: Threshold | None, height: int
) -> dict[int, tuple[str, str]]:
    """Return the rows on which a threshold line runs, with its sign and style."""
    if threshold is None:
        return {}
    rows: dict[int, tuple[str, str]] = {}
    for limit, sign, style in (
        (threshold.target, "┄", "warning"),
        (threshold.critical, "─", "critical"),
    ):
        rows[row_of(limit, scale, height)] = (sign, style)
    return rows


def row_of(value: float, scale: Axis, height: int) -> int:
    """Return the row, from the top, on which ``value`` lies."""
    return height - 1 - min(height - 1, int(scale.part(value) * height))


def trend(values: Sequence[float], tolerance: float) -> str:
    """Return an arrow: the mean of the latest tenth against that of the tenth before it.

    Args:
        values: Oldest first; NaN entries are left out.
        tolerance: Differences up to this count as steady, in the values' unit.
    """
    known = [value for value in values if not math.isnan(value)]
    span = max(1, len(known) // 10)
    if len(known) < 2 * span:
        return " "
    change = math.fsum(known[-span:]) / span - math.fsum(known[-2 * span : -span]) / span
    if abs(change) <= tolerance:
        return "→"
    return "↗" if change > 0 else "↘"
