"""The world as it is: answers for the checks, from the watch, the target and this machine."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.clock import Clock
from procedures.environment import Endpoint, Environment
from procedures.errors import SourceError
from procedures.execution.checks.judging import HttpAnswer
from procedures.signals.health_report import read_health
from procedures.signals.values import Alerts, Backups, Health, History, Reading, Snapshot
from procedures.targets.answers import Answers, Found

if TYPE_CHECKING:
    from procedures.signals.http import Site

_HTTP_TIMEOUT_S = 10.0
_SCRAPE_GAP_S = 2.0
_SERVER_GAP_S = 20.0
"""A Prometheus server has a newer sample only after its scrape interval, 15 s by default."""


class LiveWorld:
    """Answers the checks' questions about one environment.

    Args:
        environment: Where the service is.
        snapshot: Returns what the watch knows at this moment.
        answers: Answers for its deployments.
        clock: Gives the health report its time.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        snapshot: Callable[[], Snapshot],
        answers: Answers,
        clock: Clock,
    ) -> None:
        self._environment = environment
        self._snapshot = snapshot
        self._answers = answers
        self._clock = clock

    @property
    def sample_gap_s(self) -> float:
        """Seconds after which a counter surely has a newer sample."""
        return _SCRAPE_GAP_S if self._environment.metrics else _SERVER_GAP_S

    async def health(self) -> Health:
        """Ask the health endpoint now, without the watch."""
        endpoint = self._environment.health
        if endpoint is None:
            raise SourceError("no health endpoint is configured", fix="Set `health`")
        async with _site(endpoint) as site:
            return read_health(await site.get(), self._clock.now())

    async def http(self, verb: str, url: str) -> HttpAnswer:
        """Send one request; credentials go only to the address that they are configured for.

        HEAD is sent as GET, whose status is the same (RFC 9110, 9.3.2). The time is that of a
        second request: the first one pays for loading certificates and for the connection.
        """
        endpoint = self._endpoint_of(url)
        path = url.removeprefix(endpoint.url)
        async with _site(endpoint) as site:
            await site.get(path)
            begun = time.monotonic()
            answer = await site.get(path)
            return HttpAnswer(answer.status, (time.monotonic() - begun) * 1000)

    async def reading(self, indicator: str) -> Reading | None:
        """Return the watch's latest reading."""
        return self._snapshot().readings.get(indicator)

    async def history(self, indicator: str) -> History | None:
        """Return the indicator's past as the watch knows it."""
        return self._snapshot().histories.get(indicator)

    async def alerts(self) -> Alerts:
        """Return the alerts as the watch last read them."""
        return self._snapshot().alerts

    async def metric_total(self, name: str) -> float:
        """Return the sum of all series of a counter; NaN if there is none."""
        if self._environment.metrics:
            return await self._scraped_total(name)
        if self._environment.prometheus:
            return await self._queried_total(self._environment.prometheus, name)
        raise SourceError("no source of metrics is configured", fix="Set `metrics` or `prometheus`")

    async def ready_count(self, workload: str) -> int:
        """Ask the targets."""
        return await self._answers.ready(workload)

    async def logs(self, window_s: float) -> Sequence[str]:
        """Ask the target."""
        return await self._answers.logs(window_s)

    async def backups(self) -> Backups:
        """Return the newest backup as the watch last saw it."""
        return self._snapshot().backups

    async def backup_fault(self, backups: Backups) -> str:
        """Read the newest backup through, every byte of every member."""
        from procedures.backups.depot import Depot
        from procedures.backups.values import Outcome

        if not self._environment.has_backups:
            return "the settings name no backup directory"
        depot = Depot(self._environment, self._clock)
        stock = await depot.stock()
        newest = next((each for each in stock.backups if each.path == backups.newest), None)
        if newest is None:
            return f"{backups.newest} is not there any more"
        verification = await depot.verify(newest)
        if verification.outcome is Outcome.PASSED:
            return ""
        return f"{newest.name} is {verification.outcome.value}: {verification.fault}"

    async def disk_free(self, path: Path) -> Found[float]:
        """Ask where the path lives."""
        return await self._answers.disk_free(path)

    async def memory_free(self) -> Found[float]:
        """Ask where the service lives."""
        return await self._answers.memory_free()

    async def is_listening(self, port: int) -> Found[bool]:
        """Ask where the service lives."""
        return await self._answers.is_listening(port)

    async def exists(self, path: Path) -> Found[bool]:
        """Ask where the path lives."""
        return await self._answers.exists(path)

    async def aclose(self) -> None:
        """Release connections."""
        await self._answers.aclose()

    async def _scraped_total(self, name: str) -> float:
        from prometheus_client.parser import text_string_to_metric_families

        total, found = 0.0, False
        for endpoint in self._environment.metrics:
            async with _site(endpoint) as site:
                text = (await site.get("/metrics")).text()
            try:
                families = await asyncio.to_thread(list, text_string_to_metric_families(text))
            except ValueError as error:
                raise SourceError(
                    f"{endpoint.url} did not answer with metrics", fix="Check the address"
                ) from error
            values = [s.value for f in families for s in f.samples if s.name == name]
            total, found = total + sum(values), found or bool(values)
        return total if found else math.nan

    async def _queried_total(self, server: Endpoint, name: str) -> float:
        query = f'sum({name}{{job="{self._environment.job}"}})'
        async with _site(server) as site:
            answer = (await site.get("/api/v1/query", {"query": query})).json()
        try:
            result = answer["data"]["result"]
            return float(result[0]["value"][1]) if result else math.nan
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise SourceError(
                f"{server.url} gave no usable answer for {name}", fix="Check the address"
            ) from error

    def _endpoint_of(self, url: str) -> Endpoint:
        known = self._environment
        candidates = (known.api, known.health, known.prometheus, known.alertmanager, *known.metrics)
        fitting = (e for e in candidates if e and _is_below(url, e.url))
        return next(fitting, Endpoint(url=url))


@asynccontextmanager
async def _site(endpoint: Endpoint) -> AsyncIterator["Site"]:
    # The watch has loaded this module, and the HTTP client behind it, long before the first check.
    from procedures.signals.http import Site

    site = Site(endpoint, timeout_s=_HTTP_TIMEOUT_S)
    try:
        yield site
    finally:
        await site.aclose()


def _is_below(url: str, base: str) -> bool:
    return url == base or url.startswith((f"{base}/", f"{base}?"))
