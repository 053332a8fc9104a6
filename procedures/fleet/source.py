"""One server that knows many targets, asked for all of them at once."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from procedures.clock import Clock
from procedures.environment import Endpoint
from procedures.errors import SourceError
from procedures.fleet.fleet import Fleet
from procedures.fleet.grouping import Target, grouped_queries, targets_of
from procedures.reference.indicators import Indicator
from procedures.signals.promql_client import PromqlClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the server knows, by the value of the label; ``fault`` is what it could not tell."""

    known: Mapping[str, Target]
    fault: str = ""


class TargetsSource:
    """Asks a handful of requests for any number of targets; nothing of it holds up the loop."""

    name = "fleet"

    def __init__(
        self,
        endpoint: Endpoint,
        fleet: Fleet,
        indicators: Iterable[Indicator],
        *,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self.address = endpoint.url
        self.interval_s = fleet.settings.interval_s
        self.timeout_s = 2 * timeout_s
        self._client = PromqlClient(endpoint, timeout_s=timeout_s)
        self._fleet = fleet
        self._indicators = tuple(indicators)
        self._queries = grouped_queries(self._indicators, fleet.settings)
        self._clock = clock

    async def read(self) -> Targets:
        """Ask; raises SourceError if the server is of no use, or understands none of it."""
        points, refused = await self._client.query(self._queries)
        if len(refused) == len(self._queries):
            raise SourceError(
                next(iter(refused.values())), fix="Correct `by` and `job` of the fleet's settings"
            )
        now = self._clock.now()
        known = await asyncio.to_thread(
            targets_of, points, self._indicators, self._fleet, now=now, refused=refused
        )
        fault = next(iter(refused.values()), "")
        if not known and not fault:
            settings = self._fleet.settings
            fault = f"{self.address} knows no series of job {settings.job} by {settings.by}"
        return Targets(known=known, fault=fault)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._client.aclose()
