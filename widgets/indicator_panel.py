"""One indicator as a panel: state, value, bands, history and trend."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from textual import events
from textual.message import Message

from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold
from procedures.signals.values import History, Reading
from widgets.marks import GLYPHS, aims, format_value
from widgets.painted import Painted
from widgets.scales import axis, band, chart, columns, trend
from widgets.strips import Line, Span
from widgets.text_view import wrap

HISTORY_S = 3600.0
"""What the panel's history covers: one hour."""

TIMES_FROM_HEIGHT = 9
"""Rows from which there is one to spare for the time axis."""


class IndicatorPanel(Painted):
    """Latest reading of one indicator against its thresholds, with an hour of history."""

    @dataclass
    class Pointed(Message):
        """The panel was clicked; ``twice`` for a double click."""

        panel: "IndicatorPanel"
        twice: bool

    def __init__(
        self, indicator: Indicator, threshold: Threshold | None, *, title: str = "", note: str = ""
    ) -> None:
        super().__init__()
        self.title = title or indicator.title
        self.note = note
        self.indicator = indicator
        self._phase = crc32(indicator.id.encode()) % 1000 / 1000
        self.threshold = threshold
        self.reading = Reading(indicator=indicator.id, state=State.UNKNOWN, fault="waiting")
        self.history: History | None = None
        self.is_selected = False
        self._now: datetime | None = None
        self._drawn_columns: tuple[tuple[float, ...], int] | None = None
        self._drawn_rows: list[list[Span]] = []

    def select(self, selected: bool) -> None:
        """Mark the panel as the one that keys act on.

        It takes no focus: that would repaint the whole panel, and a key should cost a few cells.
        """
        self.is_selected = selected
        self.repaint()

    def show(self, reading: Reading, history: History | None, now: datetime) -> None:
        """Take over the share of a new snapshot; what did not change is the same object."""
        if reading is self.reading and history is self.history:
            return
        self.reading, self.history, self._now = reading, history, now
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw title, value, bands and as much history as there are rows left."""
        yield self._title(width)
        value = self.reading.value
        if value is None or self.reading.state is State.UNKNOWN:
            yield from self._why(width, height)
            return
        yield self._value(value, width)
        if self.note and height > 4:
            yield [(f" {self.note}", "dim")]
            height -= 1
        if self.threshold is None or self.reading.parts:
            yield from self._parts(width, height - 2)
            return
        values = self.history.values if self.history else ()
        scale = axis([*values, value], self.threshold, unit=self.indicator.unit)
        inner = width - 2
        if height >= 4:
            yield [(" ", ""), *band(value, self.threshold, scale, inner)]
        with_times = height >= TIMES_FROM_HEIGHT
        for row in self._history_rows(inner, height - 4 if with_times else height - 3):
            yield [(" ", ""), *row]
        if with_times:
            yield [(" 1 h ago", "dim"), (" " * (width - 12), ""), ("now ", "dim")]

    def _why(self, width: int, height: int) -> Iterable[Line]:
        """Draw why nothing is known, then the past as far as there is room."""
        reason = self.reading.fault or "no value"
        if self.reading.value is not None:
            reason = f"was {self.format(self.reading.value)}; {reason}"
        lines = wrap([(f" {reason}", "unknown")], width - 1)[: max(1, height - 2)]
        yield from lines
        for row in self._history_rows(width - 2, height - 1 - len(lines)):
            yield [(" ", ""), *row]

    def _history_rows(self, width: int, height: int) -> list[list[Span]]:
        if height < 1 or self.history is None or self._now is None:
            return []
        gathered = columns(
            self.history.values,
            self.history.start.timestamp(),
            self.history.step_s,
            self._now.timestamp(),
            HISTORY_S,
            width,
            phase=self._phase,
        )
        # Columns change every few minutes, readings every few seconds: draw them once.
        key = (tuple(gathered), height)
        if key != self._drawn_columns:
            scale = axis(gathered, self.threshold, unit=self.indicator.unit)
            self._drawn_columns = key
            self._drawn_rows = chart(gathered, scale, self.threshold, height)
        return self._drawn_rows

    def _parts(self, width: int, height: int) -> Iterable[Line]:
        """Draw the breakdown, or the history where there is none."""
        parts = self.reading.parts[: max(0, height)]
        if not parts:
            for row in self._history_rows(width - 2, height):
                yield [(" ", ""), *row]
            return
        longest = max(12, width - 16)
        for name, value in parts:
            shown = name if len(name) <= longest else name[: longest - 1] + "…"
            yield [(f" {shown:<{longest}} ", "text"), (f"{self.format(value):>10}", "strong")]

    def _title(self, width: int) -> Line:
        state = self.reading.state
        fill = f"fill-{state.value}"
        word = "" if self.threshold is None and state is State.OK else f" {state.value.upper()}"
        glyph = f"{'›' if self.is_selected else ' '}{GLYPHS[state]} "
        title = self.title[: max(4, width - len(glyph) - len(word))]
        room = max(0, width - len(glyph) - len(title) - len(word) - 1)
        return [
            (glyph, "cursor" if self.is_selected else fill),
            (title + " " * room + word + " ", fill),
        ]

    def _value(self, value: float, width: int) -> Line:
        reading = self.reading
        arrow = trend(self.history.values, self._tolerance()) if self.history else " "
        shown = f" {self.format(value)} {arrow}"
        note = aims(self.threshold, self.indicator.unit) if self.threshold else ""
        if reading.fault:
            note = reading.fault
        room = width - len(shown) - 1
        style = reading.state.value if self.threshold else "strong"
        return [
            (shown, "strong" if reading.state is State.OK else style),
            (f"{note[:room]:>{max(0, room)}}", "dim"),
        ]

    def _tolerance(self) -> float:
        if self.threshold is not None:
            return abs(self.threshold.critical - self.threshold.target) * 0.05
        return abs(self.reading.value or 0.0) * 0.02

    def format(self, value: float) -> str:
        """Write a value in the indicator's unit."""
        return format_value(value, self.indicator)

    def on_click(self, event: events.Click) -> None:
        """Tell the screen."""
        self.post_message(self.Pointed(self, twice=event.chain == 2))
