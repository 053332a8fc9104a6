"""The shipped alert rules: when a quantity has been bad for long enough to call somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache
from pathlib import Path

from procedures.reference.indicators import Indicator, load_indicators
from procedures.reference.measure_tables import read_measure
from procedures.reference.measures import Measure
from procedures.reference.tables import DIRECTORY, Table, read_tables
from procedures.reference.thresholds import Worse


class Severity(Enum):
    """How urgent an alert is; the value is the ``severity`` label."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """A bound on a measure that, crossed for long enough, is an alert.

    Attributes:
        indicator: Id of the indicator whose measure it is; empty for a measure of its own.
        bound: In the measure's unit; a value on the bound is not yet an alert.
        worse: The side of the bound on which the rule holds.
        hold: How long the bound must be crossed before the alert fires.
        runbook: Slug of the page that explains what to do.
    """

    name: str
    severity: Severity
    component: str
    summary: str
    description: str
    indicator: str
    measure: Measure
    bound: float
    worse: Worse
    hold: timedelta
    runbook: str

    def holds(self, value: float) -> bool:
        """Return whether ``value`` is past the bound; a value that is no number never is."""
        return value > self.bound if self.worse is Worse.HIGHER else value < self.bound


@cache
def load_alert_rules() -> tuple[AlertRule, ...]:
    """Return the shipped rules, in the order of the file."""
    return read_alert_rules(DIRECTORY / "alerts.toml", load_indicators())


def read_alert_rules(path: Path, indicators: Mapping[str, Indicator]) -> tuple[AlertRule, ...]:
    """Read a file of ``[[alert]]`` tables; each indicator's ``alerts`` must be among them."""
    rules: dict[str, AlertRule] = {}
    for table in read_tables(path, "alert"):
        rule = _rule(table, indicators)
        if rule.name in rules:
            raise table.error("name", "is used twice", fix="Give every rule its own name")
        rules[rule.name] = rule
    for indicator in indicators.values():
        for name in set(indicator.alerts) - rules.keys():
            place = Table({}, place=f"{path.name}: indicator {indicator.id}")
            raise place.error("alerts", f"no rule is named {name}", fix="Add or correct it")
    return tuple(rules.values())


def _rule(table: Table, indicators: Mapping[str, Indicator]) -> AlertRule:
    indicator = table.text("indicator", "")
    worse = Worse.HIGHER if table.has("above") else Worse.LOWER
    rule = AlertRule(
        name=table.text("name"),
        severity=table.choice("severity", Severity),
        component=table.text("component"),
        summary=table.text("summary"),
        description=table.text("description", ""),
        indicator=indicator,
        measure=_measure(table, indicator, indicators),
        bound=table.number("above" if worse is Worse.HIGHER else "below"),
        worse=worse,
        hold=timedelta(minutes=table.number("for_minutes")),
        runbook=table.text("runbook"),
    )
    table.finish()
    return rule


def _measure(table: Table, indicator: str, indicators: Mapping[str, Indicator]) -> Measure:
    if not indicator:
        return read_measure(table.table("measure"))
    if indicator not in indicators:
        raise table.error("indicator", f"{indicator!r} is not known", fix="Use an indicator's id")
    return indicators[indicator].measure
