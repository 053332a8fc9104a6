"""The past of every indicator: an hour once, then only what is new."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from procedures.reference.indicators import Indicator
from procedures.reference.measures import total_of
from procedures.signals.meter import Meter
from procedures.signals.past import STEP_S, WEEK_S, Past, aligned
from procedures.signals.values import History

HOUR_S = 3600
MOST_POINTS = 400

Histories = Mapping[str, History]


class HistorySource:
    """Reads apart from the readings, so that the first values need not wait for an hour of them."""

    name = "history"

    def __init__(
        self, meter: Meter, indicators: Mapping[str, Indicator], *, interval_s: float
    ) -> None:
        self.address = meter.address
        self.interval_s = interval_s
        self.timeout_s = 2 * meter.timeout_s
        self._meter = meter
        self._wholes = {name: total_of(each.measure) for name, each in indicators.items()}
        self._pasts = {name: Past(name) for name in indicators}
        self._until = -math.inf
        self._histories: Histories = {}

    async def read(self) -> Histories:
        """Return the last hour of every indicator; the same object while nothing is new."""
        until = aligned(await self._meter.now())
        start = max(until - HOUR_S, self._until + STEP_S)
        if start <= until:
            tracks = await self._meter.ask_past(self._wholes, start=start, end=until, step_s=STEP_S)
            unknown = [math.nan] * (round((until - start) / STEP_S) + 1)
            for name, past in self._pasts.items():
                for position, value in enumerate(tracks[name].get((), unknown)):
                    past.add(start + position * STEP_S, value)
            self._until = until
            self._histories = {name: past.history(HOUR_S) for name, past in self._pasts.items()}
        return self._histories

    async def range(self, indicator: str, seconds: float) -> History:
        """Return up to a week of one indicator in at most 400 points."""
        seconds = min(seconds, WEEK_S)
        if not self._meter.remembers:
            return self._pasts[indicator].history(seconds, most=MOST_POINTS)
        step_s = STEP_S * math.ceil(seconds / STEP_S / (MOST_POINTS - 1))
        end = await self._meter.now() // step_s * step_s
        start = end - seconds // step_s * step_s
        tracks = await self._meter.ask_past(
            {indicator: self._wholes[indicator]}, start=start, end=end, step_s=step_s
        )
        unknown = [math.nan] * (round((end - start) / step_s) + 1)
        return History(
            indicator=indicator,
            start=datetime.fromtimestamp(start, UTC),
            step_s=step_s,
            values=tuple(tracks[indicator].get((), unknown)),
        )

    async def aclose(self) -> None:
        """Do nothing: the meter belongs to the readings."""
