"""The dashboards: which panels stand on which tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from procedures.reference.indicators import Indicator, load_indicators
from procedures.reference.tables import DIRECTORY, Table, read_tables

HEALTH = "health"
"""The id that stands for the health report in place of an indicator."""


class PanelKind(Enum):
    """How a panel shows its quantity."""

    STAT = "stat"
    GRAPH = "graph"
    GAUGE = "gauge"
    BREAKDOWN = "breakdown"
    HEATMAP = "heatmap"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One place on a dashboard.

    Attributes:
        indicator: An indicator's id, ``health``, or empty when no metric exists for the panel.
        note: What an operator must know about it, such as why it has no value.
    """

    title: str
    kind: PanelKind
    indicator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One tab."""

    id: str
    title: str
    panels: tuple[Panel, ...]


@cache
def load_dashboards() -> tuple[Dashboard, ...]:
    """Return the shipped dashboards, in the order of the file."""
    return read_dashboards(DIRECTORY / "dashboards.toml", load_indicators())


def read_dashboards(path: Path, indicators: Mapping[str, Indicator]) -> tuple[Dashboard, ...]:
    """Read a file of ``[[dashboard]]`` tables; PolicyDataError names file, entry and key."""
    return tuple(_dashboard(table, indicators) for table in read_tables(path, "dashboard"))


def _dashboard(table: Table, indicators: Mapping[str, Indicator]) -> Dashboard:
    dashboard = Dashboard(
        id=table.text("id"),
        title=table.text("title"),
        panels=tuple(_panel(panel, indicators) for panel in table.tables("panel")),
    )
    table.finish()
    return dashboard


def _panel(table: Table, indicators: Mapping[str, Indicator]) -> Panel:
    panel = Panel(
        title=table.text("title"),
        kind=table.choice("kind", PanelKind),
        indicator=table.text("indicator", ""),
        note=table.text("note", ""),
    )
    if panel.indicator not in {"", HEALTH, *indicators}:
        raise table.error(
            "indicator", f"{panel.indicator!r} is not known", fix="Use an indicator's id, or health"
        )
    if not (panel.indicator or panel.note):
        raise table.error("note", "is missing", fix="Say why the panel has no indicator")
    table.finish()
    return panel
