"""The present value of every indicator, from whichever meter the environment has."""

from collections.abc import Mapping

from procedures.reference.indicators import Indicator
from procedures.reference.thresholds import Threshold
from procedures.signals.meter import Answers, Meter
from procedures.signals.readings import doubted, reading_of
from procedures.signals.source import Indications
from procedures.signals.values import Reading


class IndicatorSource:
    """Reads all indicators at once; the meter's owner, so that closing it closes the meter."""

    name = "metrics"

    def __init__(
        self,
        meter: Meter,
        indicators: Mapping[str, Indicator],
        *,
        thresholds: Mapping[str, Threshold],
        interval_s: float,
    ) -> None:
        self.address = meter.address
        self.interval_s = interval_s
        self.timeout_s = 2 * meter.timeout_s
        self._meter = meter
        self._indicators = indicators
        self._thresholds = thresholds
        self._measures = {name: each.measure for name, each in indicators.items()}

    async def read(self) -> Indications:
        """Return a reading for every indicator."""
        await self._meter.refresh()
        answers = await self._meter.ask(self._measures)
        readings = {name: self._reading(each, answers) for name, each in self._indicators.items()}
        return Indications(readings=readings, fault=answers.silent or answers.fault)

    async def aclose(self) -> None:
        """Close the meter."""
        await self._meter.aclose()

    def _reading(self, indicator: Indicator, answers: Answers) -> Reading:
        reading = reading_of(
            indicator,
            answers.evaluations[indicator.id],
            threshold=self._thresholds.get(indicator.id, indicator.threshold),
            at=answers.at,
            note=answers.note,
        )
        return doubted(reading, answers.too_old) if answers.too_old else reading
