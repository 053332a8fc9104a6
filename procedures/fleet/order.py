"""In which order the rows of a fleet stand. Every order is total: equal rows differ in name."""

import math
from collections.abc import Iterable

from procedures.fleet.values import FleetRow
from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.reference.thresholds import Worse


def worst_first(rows: Iterable[FleetRow]) -> tuple[FleetRow, ...]:
    """Sort by how much a row asks for attention, then by name."""
    return tuple(sorted(rows, key=lambda row: (-row.score, *_named(row))))


def by_name(rows: Iterable[FleetRow]) -> tuple[FleetRow, ...]:
    """Sort by name."""
    return tuple(sorted(rows, key=_named))


def by_indicator(rows: Iterable[FleetRow], indicator: Indicator) -> tuple[FleetRow, ...]:
    """Sort by the value of one indicator, the worst first; rows without a value come last."""
    threshold = indicator.threshold
    sign = 1.0 if threshold is not None and threshold.worse is Worse.LOWER else -1.0

    def key(row: FleetRow) -> tuple[bool, float, str, bool]:
        reading = row.readings.get(indicator.id)
        value = reading.value if reading and reading.state is not State.UNKNOWN else None
        if value is None or math.isnan(value):
            return (True, 0.0, *_named(row))
        return (False, sign * value, *_named(row))

    return tuple(sorted(rows, key=key))


def _named(row: FleetRow) -> tuple[str, bool]:
    return row.name, not row.is_environment
