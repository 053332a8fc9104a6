"""The large chart of one indicator, with its thresholds and both axes."""

import math
from collections.abc import Iterable

from procedures.reference.indicators import Indicator
from procedures.reference.thresholds import Threshold
from procedures.signals.values import History
from widgets.marks import format_value
from widgets.painted import Painted
from widgets.scales import Axis, axis, chart, columns, row_of
from widgets.strips import Line, Span


class LargeChart(Painted):
    """Values over time as blocks; threshold lines are labelled at the left."""

    DEFAULT_CSS = "LargeChart { height: 1fr; min-height: 5; }"

    def __init__(self, indicator: Indicator, threshold: Threshold | None) -> None:
        super().__init__(id="chart")
        self.indicator = indicator
        self.threshold = threshold
        self.history: History | None = None
        self.range_s = 3600.0
        self.note = "reading the history"

    def show(self, history: History | None, range_s: float, note: str = "") -> None:
        """Draw ``history`` over ``range_s`` seconds; ``note`` says why there is none."""
        self.history, self.range_s, self.note = history, range_s, note
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the rows from the highest value to the lowest, then the time axis."""
        history = self.history
        known = [v for v in history.values if not math.isnan(v)] if history else []
        if history is None or not known:
            yield [(f" {self.note or 'nothing known in this range'}", "unknown")]
            return
        rows = height - 2
        scale = axis(known, self.threshold, unit=self.indicator.unit)
        labels = self._labels(scale, rows)
        margin = max(len(text) for text, _ in labels.values()) + 1
        plot = max(1, width - margin - 1)
        end_s = history.start.timestamp() + history.step_s * (len(history.values) - 1)
        gathered = columns(
            history.values, history.start.timestamp(), history.step_s, end_s, self.range_s, plot
        )
        for number, spans in enumerate(chart(gathered, scale, self.threshold, rows)):
            text, style = labels.get(number, ("", "dim"))
            yield [(f"{text:>{margin}}", style), ("│", "dim"), *spans]
        yield [(" " * margin + "└" + "─" * plot, "dim")]
        yield self._time_axis(history, end_s, margin, plot)

    def _labels(self, scale: Axis, rows: int) -> dict[int, Span]:
        labels: dict[int, Span] = {
            0: (format_value(scale.high, self.indicator), "dim"),
            rows - 1: (format_value(scale.low, self.indicator), "dim"),
        }
        if self.threshold is not None:
            for limit, style in (
                (self.threshold.target, "warning"),
                (self.threshold.critical, "critical"),
            ):
                labels[row_of(limit, scale, rows)] = (format_value(limit, self.indicator), style)
        return labels

    def _time_axis(self, history: History, end_s: float, margin: int, plot: int) -> Line:
        zone = history.start.tzinfo
        form = "%H:%M" if self.range_s <= 86_400 else "%d %b %H:%M"
        stamps = [
            type(history.start).fromtimestamp(end_s - self.range_s * part, zone).strftime(form)
            for part in (1.0, 0.5, 0.0)
        ]
        first, middle, last = stamps
        room = plot - len(first) - len(middle) - len(last)
        gap = " " * max(1, room // 2)
        return [(" " * (margin + 1) + first + gap + middle + gap + last, "dim")]
