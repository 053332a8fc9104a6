"""One environment or target of a fleet as one line of a list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from procedures.environment import Tier
from procedures.execution.cleaning import clean_line
from procedures.fleet.values import FleetRow, FleetView, Trend
from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.signals.values import Reading
from widgets.marks import GLYPHS, age, counted
from widgets.strips import Line, Span

OLD_AFTER_S = 30.0
"""Age of the data from which it is told: a younger one would only tick."""

WIDE = 120
"""Cells from which on the tier, and what is wrong, have columns of their own."""

_CELL = 9
_ALERTS, _AGE = 4, 5
_TIERS = {
    Tier.PRODUCTION: "prod",
    Tier.STAGING: "stag",
    Tier.DEVELOPMENT: "dev",
    Tier.SANDBOX: "sand",
}
_TITLES = {
    "availability": "AVAIL",
    "p95-latency": "P95",
    "error-rate": "ERROR",
    "cache-hit-rate": "CACHE",
    "cpu": "CPU",
    "memory": "MEM",
}
_TRENDS = {Trend.RISING: "↗", Trend.FALLING: "↘", Trend.STEADY: " "}


@dataclass(frozen=True, slots=True)
class FleetLine:
    """A row and the age of its data as it will be written."""

    row: FleetRow
    age: str


class FleetLines:
    """Draws the lines of a fleet; the columns are the key indicators."""

    def __init__(self, indicators: Mapping[str, Indicator]) -> None:
        self._indicators = {name: each for name, each in indicators.items() if each.key}

    def heading(self, width: int) -> Line:
        """Draw the names of the columns."""
        line: list[Span] = [(f" {'NAME':<{2 + self._name_width(width)}}", "fill-title")]
        if width >= WIDE:
            line.append((f"{'TIER':<5}", "fill-title"))
        for each in self._indicators.values():
            unit = f" {each.unit}"
            title = f"{_TITLES.get(each.id, each.title.upper())}{unit}"
            line.append((f"{title[:_CELL]:>{_CELL - 1}} ", "fill-title"))
        line.append((f"{'ALR':>{_ALERTS}}{'AGE':>{_AGE}}", "fill-title"))
        if width >= WIDE:
            line.append(("  WHAT IS WRONG", "fill-title"))
        return [*line, (" " * width, "fill-title")]

    def draw(self, line: FleetLine, width: int, at_cursor: bool) -> Line:
        """Draw a row; what has no room at the right is left out, never squeezed."""
        row, name_width = line.row, self._name_width(width)
        name = clean_line(row.name)
        if cell_len(name) > name_width:
            name = set_cell_size(name, name_width - 1).rstrip() + "…"
        mark = row.state.value
        spans: list[Span] = [
            (f" {GLYPHS[row.state]} ", mark),
            (set_cell_size(name, name_width), "strong" if row.is_environment else "text"),
        ]
        if width >= WIDE:
            spans.append((f" {_TIERS[row.tier]:<4}", "dim"))
        for each in self._indicators.values():
            spans += _cell(row.readings.get(each.id), each, row.trends.get(each.id, Trend.STEADY))
        spans.append(_alerts(row))
        spans.append((f"{line.age:>{_AGE}}", "dim"))
        if width >= WIDE:
            spans.append((f"  {clean_line(trouble(row, self._indicators))}", "dim"))
        if at_cursor:
            return [("".join(text for text, _ in spans).ljust(width), "cursor")]
        return _joined(spans)

    def _name_width(self, width: int) -> int:
        fixed = 3 + _CELL * len(self._indicators) + _ALERTS + _AGE
        if width >= WIDE:
            return min(40, max(20, (width - fixed) // 3))
        return max(8, width - fixed)


def fleet_lines(rows: Iterable[FleetRow], now: datetime) -> tuple[FleetLine, ...]:
    """Return the lines of a list."""
    return tuple(FleetLine(row, _age(row, now)) for row in rows)


def trouble(row: FleetRow, indicators: Mapping[str, Indicator]) -> str:
    """Say what is wrong with a row in one line; empty while nothing is."""
    if row.fault:
        return row.fault
    bad = [
        f"{indicators[name].title}: {reading.fault or reading.state.value}"
        for name, reading in row.readings.items()
        if name in indicators and reading.state is not State.OK
    ]
    return ", ".join(bad)


def summary(view: FleetView, shown: Sequence[FleetRow]) -> str:
    """Count the rows that are shown by their states."""
    count = {state: sum(row.state is state for row in shown) for state in State}
    order = (State.CRITICAL, State.WARNING, State.UNKNOWN, State.OK)
    states = ", ".join(f"{count[state]} {state.value}" for state in order if count[state])
    some = len(view.rows) != len(shown)
    whole = f"{len(shown)} of {len(view.rows)}" if some else counted(len(shown), "row")
    return f"{whole}: {states}" if states else whole


def _cell(reading: Reading | None, indicator: Indicator, trend: Trend) -> list[Span]:
    state = reading.state if reading else State.UNKNOWN
    value = reading.value if reading else None
    text = "–" if value is None else _short(value, indicator.decimals)
    style = state.value if state is not State.OK else "text"
    return [
        (f" {GLYPHS[state]}", state.value),
        (f"{text:>{_CELL - 3}}", style),
        (_TRENDS[trend], style),
    ]


def _joined(spans: Iterable[Span]) -> Line:
    """Join neighbours of one style: a line is written from its start, each span with its colours.

    A blank has no colour of its own, and takes that of what stands before it.
    """
    joined: list[Span] = []
    for text, style in spans:
        if joined and (style == joined[-1][1] or text.isspace()):
            before, style = joined.pop()
            text = before + text
        joined.append((text, style))
    return joined


def _short(value: float, decimals: int) -> str:
    """Write a number in at most six cells."""
    room = _CELL - 3
    for digits in range(decimals, -1, -1):
        text = f"{value:.{digits}f}"
        if len(text) <= room:
            return text
    for limit, unit in ((1e6, "k"), (1e9, "M"), (1e12, "G")):
        if abs(value) < limit:
            return f"{value / (limit / 1e3):.0f}{unit}"
    return ">" + "9" * (room - 1)


def _alerts(row: FleetRow) -> Span:
    if row.firing is None:
        return f"{'?':>{_ALERTS}}", "unknown"
    text = str(min(row.firing, 999)) if row.firing else "·"
    return f"{text:>{_ALERTS}}", "warning" if row.firing else "dim"


def _age(row: FleetRow, now: datetime) -> str:
    if row.at is None:
        return "never"
    return age(row.at, now) if (now - row.at).total_seconds() > OLD_AFTER_S else ""
