"""The service's own word about its health."""

from procedures.clock import Clock
from procedures.environment import Endpoint
from procedures.signals.health_report import read_health
from procedures.signals.http import Site
from procedures.signals.values import Health


class HealthSource:
    """Asks the health endpoint."""

    name = "health"

    def __init__(
        self, endpoint: Endpoint, *, interval_s: float, timeout_s: float, clock: Clock
    ) -> None:
        self.address = endpoint.url
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self._site = Site(endpoint, timeout_s=timeout_s)
        self._clock = clock

    async def read(self) -> Health:
        """Return the report; SourceError only if there is no HTTP answer at all."""
        return read_health(await self._site.get(), self._clock.now())

    async def aclose(self) -> None:
        """Close the connections."""
        await self._site.aclose()
