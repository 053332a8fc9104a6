"""A fleet as a plain table and as JSON, for a pipe, a mail or a program."""

from collections.abc import Iterable, Mapping
from typing import Any

from procedures.fleet.values import FleetRow, FleetView
from procedures.reference.indicators import Indicator
from procedures.signals.values import Reading
from widgets.fleet_line import FleetLines, fleet_lines, summary
from widgets.marks import GLYPHS

WIDTH = 200


def fleet_table(view: FleetView, indicators: Mapping[str, Indicator]) -> str:
    """Return a verdict, and a line for each row, worst first."""
    state = view.state
    lines = FleetLines(indicators)
    text = [f"{GLYPHS[state]} {state.value.upper()}  {summary(view, view.rows)}"]
    if view.fault:
        text.append(f"? {view.fault}")
    text += ["", _plain(lines.heading(WIDTH))]
    text += [_plain(lines.draw(each, WIDTH, False)) for each in fleet_lines(view.rows, view.at)]
    return "\n".join(text)


def fleet_content(view: FleetView, indicators: Mapping[str, Indicator]) -> Mapping[str, Any]:
    """Return what is written as JSON; what is not known is null."""
    return {
        "state": view.state,
        "at": view.at,
        "fault": view.fault,
        "rows": [_row(row, indicators) for row in view.rows],
    }


def _row(row: FleetRow, indicators: Mapping[str, Indicator]) -> Mapping[str, Any]:
    return {
        "name": row.name,
        "environment": row.name if row.is_environment else None,
        "label": row.label or None,
        "tier": row.tier,
        "state": row.state,
        "firing": row.firing,
        "at": row.at,
        "fault": row.fault,
        "indicators": [_reading(each, indicators) for each in row.readings.values()],
    }


def _reading(reading: Reading, indicators: Mapping[str, Indicator]) -> Mapping[str, Any]:
    return {
        "id": reading.indicator,
        "state": reading.state,
        "value": reading.value,
        "unit": indicators[reading.indicator].unit,
        "at": reading.at,
        "fault": reading.fault,
    }


def _plain(line: Iterable[tuple[str, str]]) -> str:
    return "".join(text for text, _ in line).rstrip()
