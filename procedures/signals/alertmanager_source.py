"""Alerts as Alertmanager holds them: firing, with what has been done about each."""

import asyncio
from collections.abc import Mapping

from procedures.clock import Clock
from procedures.environment import Endpoint
from procedures.signals.alert_order import by_urgency, own
from procedures.signals.alertmanager_alerts import read_alerts
from procedures.signals.http import Site
from procedures.signals.refusals import not_understood
from procedures.signals.values import NO_LABELS, Alerts


class AlertmanagerSource:
    """Asks for alerts and silences."""

    name = "alertmanager"

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        interval_s: float,
        timeout_s: float,
        clock: Clock,
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        self.address = endpoint.url
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self._site = Site(endpoint, timeout_s=timeout_s)
        self._clock = clock
        self._labels = labels

    async def read(self) -> Alerts:
        """Return every alert of the environment that has not ended."""
        alerts, silences = await asyncio.gather(
            self._site.get("/api/v2/alerts"), self._site.get("/api/v2/silences")
        )
        try:
            items = await asyncio.to_thread(
                lambda: by_urgency(own(read_alerts(alerts.json(), silences.json()), self._labels))
            )
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise not_understood(self.address, "a list of alerts") from error
        return Alerts(items=items, source="alertmanager", at=self._clock.now())

    async def aclose(self) -> None:
        """Close the connections."""
        await self._site.aclose()
