"""The watch: all sources of one environment, as one stream of snapshots."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.reference.indicators import Indicator
from procedures.signals.alert_choice import chosen_alerts
from procedures.signals.history_source import Histories, HistorySource
from procedures.signals.poller import Poller
from procedures.signals.prometheus_rules import RuleAlerts
from procedures.signals.shown import (
    kept,
    kept_each,
    shown_backups,
    shown_disk,
    shown_health,
    shown_readings,
)
from procedures.signals.source import Indications
from procedures.signals.values import (
    Alerts,
    Backups,
    Disk,
    Health,
    History,
    Snapshot,
)

COALESCE_S = 0.25
"""Least time between two snapshots: a burst of answers is one change to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pollers:
    """What the environment has to ask; None for what the settings do not name."""

    metrics: Poller[Indications] | None = None
    history: Poller[Histories] | None = None
    health: Poller[Health] | None = None
    alertmanager: Poller[Alerts] | None = None
    rules: Poller[RuleAlerts] | None = None
    console: Poller[Alerts] | None = None
    backups: Poller[Backups] | None = None
    disk: Poller[Disk] | None = None

    def all(self) -> tuple[Poller[Any], ...]:
        """Return those that there are."""
        every = (
            self.metrics,
            self.history,
            self.health,
            self.alertmanager,
            self.rules,
            self.console,
            self.backups,
            self.disk,
        )
        return tuple(each for each in every if each is not None)


class Watch:
    """Asks every source at its own pace; what one of them does never holds up another.

    The polling begins with the first snapshot asked for and ends with :meth:`aclose`.
    """

    def __init__(
        self,
        pollers: Pollers,
        *,
        indicators: Mapping[str, Indicator],
        history: HistorySource | None,
        changed: asyncio.Event,
        clock: Clock,
    ) -> None:
        self._pollers = pollers
        self._indicators = indicators
        self._history = history
        self._changed = changed
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._latest = self._composed(None)

    @property
    def latest(self) -> Snapshot:
        """The newest snapshot; before any answer, one in which everything is unknown."""
        return self._latest

    async def snapshots(self) -> AsyncGenerator[Snapshot, None]:
        """Yield a snapshot whenever something changed, at most four a second."""
        self._start()
        shown_at = 0.0
        if not self._pollers.all():
            yield self._latest  # nothing will ever change: that nothing is configured is all
        while True:
            await self._change()
            await asyncio.sleep(shown_at + COALESCE_S - monotonic())
            self._changed.clear()
            snapshot = self._composed(self._latest)
            if not _same(snapshot, self._latest):
                self._latest = snapshot
                shown_at = monotonic()
                yield snapshot

    async def look(
        self, *, patience_s: float, twice_after_s: float = 0.0, only_due: bool = False
    ) -> Snapshot:
        """Ask every source once, the past aside, and return what came in time.

        Args:
            patience_s: How long to wait for the slowest.
            only_due: Leave out those whose interval has not passed since they were asked.
            twice_after_s: Ask for the metrics again after so long, for rates that need two
                samples; 0 for once.
        """
        pollers = self._pollers
        later = (pollers.history, pollers.console)
        due = [each for each in pollers.all() if each.is_due or not only_due]
        await _within(patience_s, *(each for each in due if each not in later))
        if twice_after_s and pollers.metrics is not None:
            await asyncio.sleep(twice_after_s)
            await _within(patience_s, pollers.metrics)
        if pollers.console is not None and pollers.console in due:
            await _within(patience_s, pollers.console)
        self._latest = self._composed(self._latest)
        return self._latest

    async def measure_again(self, *, patience_s: float) -> Snapshot:
        """Ask for the metrics, and what alerts they give, once more; for rates of two samples."""
        for poller in (self._pollers.metrics, self._pollers.console):
            if poller is not None:
                await _within(patience_s, poller)
        self._latest = self._composed(self._latest)
        return self._latest

    def refresh_now(self) -> None:
        """Ask every source that has no question open, without waiting for its interval."""
        for poller in self._pollers.all():
            poller.wake()

    async def range(self, indicator_id: str, seconds: float) -> History:
        """Return an hour to a week of one indicator; SourceError if nobody can answer."""
        if self._history is None:
            raise SourceError(
                "no source of metrics is configured",
                fix="Name a Prometheus server or the service's /metrics in the settings",
            )
        return await self._history.range(indicator_id, seconds)

    async def aclose(self) -> None:
        """Stop asking and release every source."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for poller in self._pollers.all():
            await poller.aclose()

    def _start(self) -> None:
        if self._tasks:
            return
        for poller in self._pollers.all():
            task = asyncio.create_task(poller.run(), name=f"poll {poller.source.name}")
            task.add_done_callback(lambda _: self._changed.set())
            self._tasks.append(task)

    async def _change(self) -> None:
        """Wait for an answer, or for the moment at which one becomes too old."""
        now = self._clock.now()
        expiries = [poller.held.expires_at for poller in self._pollers.all()]
        waits = [(each - now).total_seconds() for each in expiries if each and each >= now]
        try:
            async with asyncio.timeout(min(waits, default=60.0) + 0.01):
                await self._changed.wait()
        except TimeoutError:
            return
        for task in self._tasks:
            if task.done():
                task.result()  # a defect must end the console, not freeze a part of it

    def _composed(self, last: Snapshot | None) -> Snapshot:
        """Put the parts together; those that did not change stay the same objects."""
        now, pollers = self._clock.now(), self._pollers
        metrics = pollers.metrics.held if pollers.metrics else None
        new = Snapshot(
            at=now,
            readings=shown_readings(metrics, self._indicators, now),
            histories=(pollers.history.held.part if pollers.history else None) or {},
            health=shown_health(pollers.health.held if pollers.health else None, now),
            alerts=self._alerts(now),
            backups=shown_backups(pollers.backups.held if pollers.backups else None, now),
            disk=shown_disk(pollers.disk.held if pollers.disk else None, now),
            sources=tuple(poller.status for poller in pollers.all()),
        )
        return _sharing(last, new) if last else new

    def _alerts(self, now: datetime) -> Alerts:
        pollers = self._pollers
        return chosen_alerts(
            pollers.alertmanager.held if pollers.alertmanager else None,
            pollers.rules.held if pollers.rules else None,
            pollers.console.held if pollers.console else None,
            now,
        )


async def _within(patience_s: float, *pollers: Poller[Any]) -> None:
    """Ask all at once; whoever has not answered in time keeps its question open."""
    asked = [asyncio.create_task(poller.ask()) for poller in pollers]
    if not asked:
        return
    try:
        answered, _ = await asyncio.wait(asked, timeout=patience_s)
    finally:
        waiting = [task for task in asked if not task.done()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    for task in answered:
        task.result()


def _sharing(last: Snapshot, new: Snapshot) -> Snapshot:
    return Snapshot(
        at=new.at,
        readings=kept_each(last.readings, new.readings),
        histories=kept_each(last.histories, new.histories),
        health=kept(last.health, new.health),
        alerts=kept(last.alerts, new.alerts),
        backups=kept(last.backups, new.backups),
        disk=kept(last.disk, new.disk),
        sources=kept(last.sources, new.sources),
    )


def _same(one: Snapshot, other: Snapshot) -> bool:
    """Return whether both show the same, whenever they were put together."""
    return (
        one.readings is other.readings
        and one.histories is other.histories
        and one.health is other.health
        and one.alerts is other.alerts
        and one.backups is other.backups
        and one.disk is other.disk
        and one.sources is other.sources
    )
