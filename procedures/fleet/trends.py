"""Whether the values of a fleet rise or fall, told from what they were a minute or two ago."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from procedures.fleet.values import RowKey, Trend
from procedures.reference.indicators import Indicator
from procedures.signals.values import Reading

REMEMBERED_FOR = timedelta(seconds=60)
NOTABLE = 0.2
"""A change that is told, as a share of the way from the target to the critical limit."""


@dataclass(slots=True)
class _Past:
    older: Mapping[str, float]
    newer: Mapping[str, float]
    newer_at: datetime


class Trends:
    """Remembers two past looks at each row."""

    def __init__(self, indicators: Mapping[str, Indicator]) -> None:
        self._notable = {
            name: NOTABLE * abs(each.threshold.critical - each.threshold.target)
            for name, each in indicators.items()
            if each.threshold is not None
        }
        self._pasts: dict[RowKey, _Past] = {}

    def observe(
        self, key: RowKey, readings: Mapping[str, Reading], now: datetime
    ) -> Mapping[str, Trend]:
        """Note the readings of a row and return what has risen or fallen."""
        values = {n: each.value for n, each in readings.items() if each.value is not None}
        past = self._pasts.get(key)
        if past is None:
            self._pasts[key] = _Past({}, values, now)
            return {}
        if now - past.newer_at >= REMEMBERED_FOR:
            past.older, past.newer, past.newer_at = past.newer, values, now
        trends = {}
        for name, value in values.items():
            before = past.older.get(name, value)
            if abs(value - before) > self._notable.get(name, 0.0):
                trends[name] = Trend.RISING if value > before else Trend.FALLING
        return trends

    def keep(self, keys: Iterable[RowKey]) -> None:
        """Forget the rows that are not among ``keys``."""
        for key in self._pasts.keys() - set(keys):
            del self._pasts[key]
