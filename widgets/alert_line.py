"""One alert as one line of a list, and all about it as lines of a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from procedures.execution.cleaning import clean_line
from procedures.signals.values import Alert, AlertHandling, AlertPhase
from widgets.marks import GLYPHS, age, alert_state
from widgets.strips import Line


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert and its age as it will be written, so that equal rows need no repaint."""

    alert: Alert
    age: str


def alert_rows(alerts: Iterable[Alert], now: datetime) -> tuple[AlertRow, ...]:
    """Return the rows of a list of alerts."""
    return tuple(AlertRow(each, age(each.since, now) if each.since else "?") for each in alerts)


def alert_line(row: AlertRow, width: int, at_cursor: bool) -> Line:
    """Draw severity, name, component, age, handling and as much of the summary as fits."""
    alert = row.alert
    mark = alert_state(alert)
    active = alert.handling is AlertHandling.ACTIVE
    name_width = 24 if width >= 70 else 18
    phase = alert.phase.value if active else alert.handling.value
    phase_style = "text"
    if active:
        phase_style = mark.value if alert.phase is AlertPhase.FIRING else "dim"
    line: Line = [
        (f" {GLYPHS[mark]} ", mark.value if active else "dim"),
        (f"{alert.severity[:8]:<8} ", mark.value if active else "dim"),
        (f"{alert.name[:name_width]:<{name_width}} ", "strong" if active else "dim"),
        (f"{phase:<12} ", phase_style),
        (f"{row.age:>4} ", "dim"),
        (f"{alert.component[:11]:<11} ", "text"),
        (alert.summary, "text" if active else "dim"),
    ]
    return [(text, "cursor") for text, _ in line] + [(" " * width, "cursor")] if at_cursor else line


def alert_page(alert: Alert, now: datetime) -> list[Line]:
    """Return everything that is known of an alert: labels and annotations included."""
    mark = alert_state(alert)
    since = f"{alert.since:%Y-%m-%d %H:%M:%S} UTC" if alert.since else "not told"
    lines: list[Line] = [
        [
            (f" {GLYPHS[mark]} {alert.severity.upper()} ", mark.value),
            (alert.name, "strong"),
            (f"  {alert.phase.value}", mark.value),
        ],
        _said(alert.summary),
        [],
        _fact("since", f"{since} ({age(alert.since, now)} ago)" if alert.since else since),
        _fact("handling", alert.handling.value + (f": {alert.comment}" if alert.comment else "")),
        _fact("told by", alert.source),
        [],
        [(" Labels", "title")],
        *(_fact(name, value) for name, value in sorted(alert.labels.items())),
        [],
        [(" Annotations", "title")],
        *(_fact(name, value) for name, value in sorted(alert.annotations.items())),
    ]
    return lines


def _fact(name: str, value: str) -> Line:
    return [(f"  {clean_line(name):<16} ", "dim"), (clean_line(value, limit=4000), "text")]


def alert_counts(alerts: Iterable[Alert]) -> str:
    """Write how many alerts fire, wait and have been dealt with."""
    items = tuple(alerts)
    firing = sum(a.phase is AlertPhase.FIRING for a in items)
    handled = sum(a.handling is not AlertHandling.ACTIVE for a in items)
    return f"{firing} firing, {len(items) - firing} pending, {handled} handled"


def summary_lines(alert: Alert) -> list[Line]:
    """Return what an alert says, for below a list: its name and component, then its summary."""
    return [[(f" {alert.name} ", "strong"), (alert.component, "dim")], _said(alert.summary)]


def _said(text: str) -> Line:
    return [(f" {clean_line(text, limit=600)}", "text")]
