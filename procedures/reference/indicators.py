"""The indicators: what is measured, in which unit, and when it is good."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from procedures.errors import PolicyDataError
from procedures.reference.measure_tables import read_measure
from procedures.reference.measures import Measure, metrics_of
from procedures.reference.tables import DIRECTORY, Table, read_tables
from procedures.reference.thresholds import Threshold, Worse


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A quantity that operators watch.

    Attributes:
        id: Kebab-case, unique.
        unit: As it is printed behind the value; ``s`` and ``bytes`` are written in readable sizes.
        decimals: Digits behind the point.
        key: One of the six of the key-metrics table.
        about: What it says and over which time, for an operator.
        threshold: None for a quantity that is neither good nor bad by itself.
        alerts: Names of the alert rules that concern it.
    """

    id: str
    title: str
    unit: str
    decimals: int
    key: bool
    about: str
    measure: Measure
    threshold: Threshold | None
    alerts: tuple[str, ...]

    @property
    def exported_as(self) -> tuple[str, ...]:
        """Names of the metrics that the service must export; empty for raw PromQL."""
        return metrics_of(self.measure)


@cache
def load_indicators() -> Mapping[str, Indicator]:
    """Return the shipped indicators by id, in the order of the file."""
    return read_indicators(DIRECTORY / "indicators.toml")


def load() -> tuple[Indicator, ...]:
    """Return the shipped indicators in the order of the file."""
    return tuple(load_indicators().values())


def read_indicators(path: Path) -> Mapping[str, Indicator]:
    """Read a file of ``[[indicator]]`` tables; PolicyDataError names file, entry and key."""
    indicators: dict[str, Indicator] = {}
    for table in read_tables(path, "indicator"):
        indicator = _indicator(table)
        if indicator.id in indicators:
            raise table.error("id", "is used twice", fix="Give every indicator its own id")
        indicators[indicator.id] = indicator
    return MappingProxyType(indicators)


def _indicator(table: Table) -> Indicator:
    indicator = Indicator(
        id=table.text("id"),
        title=table.text("title"),
        unit=table.text("unit"),
        decimals=table.whole("decimals", 0),
        key=table.flag("key"),
        about=table.text("about"),
        measure=read_measure(table.table("measure")),
        threshold=_threshold(table),
        alerts=table.texts("alerts", ()),
    )
    table.finish()
    return indicator


def _threshold(table: Table) -> Threshold | None:
    if not (table.has("target") or table.has("critical")):
        return None
    target, critical = table.number("target"), table.number("critical")
    worse = table.choice("worse", Worse, Worse.HIGHER)
    target_is_ok = table.flag("target_is_ok")
    try:
        return Threshold(target=target, critical=critical, worse=worse, target_is_ok=target_is_ok)
    except PolicyDataError as error:
        raise table.error("target", error.what, fix=error.fix) from error
