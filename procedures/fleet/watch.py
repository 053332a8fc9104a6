"""The watch over a fleet: one server's targets, and environments by their own sources."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.fleet.fleet import Fleet
from procedures.fleet.members import Members
from procedures.fleet.order import worst_first
from procedures.fleet.rows import doubted_row, member_row, target_row, unknown_row
from procedures.fleet.sightings import Sightings
from procedures.fleet.source import Targets, TargetsSource
from procedures.fleet.trends import Trends
from procedures.fleet.values import FleetRow, FleetView
from procedures.reference.indicators import Indicator, load_indicators
from procedures.signals.build import timeout_of
from procedures.signals.freshness import silence_fault
from procedures.signals.poller import STALE_AFTER_INTERVALS, Poller

COALESCE_S = 1.0
"""Least time between two views: environments answer one by one."""

WAITING = "waiting for the first answer"
NOT_ASKED = "still waiting to be asked again"


class FleetWatch:
    """Asks for the whole fleet at its pace while somebody looks at the views."""

    def __init__(
        self, fleet: Fleet, clock: Clock, *, indicators: Mapping[str, Indicator] | None = None
    ) -> None:
        self.fleet = fleet
        self._clock = clock
        self._indicators = indicators or load_indicators()
        self._key = {name: each for name, each in self._indicators.items() if each.key}
        self._interval = timedelta(seconds=fleet.settings.interval_s)
        self._changed = asyncio.Event()
        self._server = self._polled()
        self._noted: Targets | None = None
        self._sightings = Sightings()
        self._trends = Trends(self._key)
        self._members = Members(
            clock, interval_s=fleet.settings.interval_s, changed=self._changed.set
        )

    async def look(self, *, patience_s: float) -> FleetView:
        """Ask everybody once and return what came in time."""
        began = self._clock.now()
        if self._server is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await self._server.ask()
            self._note()
        await self._members.look(self._on_their_own(settled=True), patience_s=patience_s)
        return self._view(asked_since=began)

    async def views(self) -> AsyncGenerator[FleetView, None]:
        """Yield a view whenever something changed, at most one a second.

        Nobody is asked any more when the generator is closed; what was seen is remembered.
        """
        polling: asyncio.Task[None] | None = None
        if self._server is not None:
            polling = asyncio.create_task(self._server.run(), name="poll fleet")
            polling.add_done_callback(lambda _: self._changed.set())
        shown_at = 0.0
        try:
            while True:
                self._members.run(self._on_their_own())
                await asyncio.sleep(shown_at + COALESCE_S - monotonic())
                await self._change()
                self._changed.clear()
                self._members.raise_defects()
                if polling is not None and polling.done():
                    polling.result()
                self._note()
                shown_at = monotonic()
                yield self._view()
        finally:
            if polling is not None:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)
            await self._members.stop()

    def look_now(self) -> None:
        """Ask the server now, without waiting for its interval."""
        if self._server is not None:
            self._server.wake()

    async def aclose(self) -> None:
        """Release every source."""
        await self._members.aclose()
        if self._server is not None:
            await self._server.aclose()

    def _polled(self) -> Poller[Targets] | None:
        settings = self.fleet.settings
        if settings.prometheus is None:
            return None
        source = TargetsSource(
            settings.prometheus,
            self.fleet,
            self._key.values(),
            timeout_s=timeout_of(settings.interval_s),
            clock=self._clock,
        )
        return Poller(source, clock=self._clock, changed=self._changed.set)

    async def _change(self) -> None:
        """Wait for an answer, or for the moment at which all would have changed by age."""
        try:
            async with asyncio.timeout(3 * self.fleet.settings.interval_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _note(self) -> None:
        held = self._server.held if self._server else None
        if held and held.part and held.part is not self._noted and held.answered_at:
            self._noted = held.part
            self._sightings.note(held.part.known, held.answered_at)

    def _on_their_own(self, *, settled: bool = False) -> list[Environment]:
        """Return the environments that the server knows nothing of, and was not said to know."""
        fleet, server = self.fleet, self._server
        every = list(fleet.environments.values())
        if server is None:
            return every
        settled = settled or server.held.settled
        return [
            each
            for each in every
            if not fleet.told_label_of(each)
            and fleet.label_of(each) not in self._sightings
            and (settled or each.prometheus is None)
        ]

    def _view(self, asked_since: datetime | None = None) -> FleetView:
        """Put the rows together; what was answered since ``asked_since`` is not too old."""
        now = self._clock.now()
        held = self._server.held if self._server else None
        doubt = held.doubt(now) if held else ""
        partial = held.part.fault if held and held.part else ""
        fresh_since = asked_since or now - STALE_AFTER_INTERVALS * self._interval
        rows = [*self._target_rows(doubt, now), *self._own_rows(doubt, fresh_since)]
        with_trends = [
            replace(row, trends=self._trends.observe(row.key, row.readings, now)) for row in rows
        ]
        self._trends.keep(row.key for row in rows)
        fault = held.fault if held and held.fault else doubt or partial
        return FleetView(at=now, rows=worst_first(with_trends), fault=fault)

    def _target_rows(self, doubt: str, now: datetime) -> Iterator[FleetRow]:
        environments, settings = self.fleet.by_label(), self.fleet.settings
        present = self._noted.known if self._noted else {}
        for label, target, seen_at in self._sightings:
            row = target_row(target, label, environments.get(label), settings.tier)
            if label not in present:
                gone = f"no series with {settings.by}={label} since {seen_at:%H:%M:%S} UTC"
                row = doubted_row(row, gone)
            elif doubt:
                row = doubted_row(row, doubt)
            yield row

    def _own_rows(self, doubt: str, fresh_since: datetime) -> Iterator[FleetRow]:
        """Yield a row for every environment that the server has not shown.

        Nobody is asked while nobody looks, or while others that hang hold all places.
        """
        fleet = self.fleet
        for environment in fleet.environments.values():
            label = fleet.label_of(environment)
            if label in self._sightings:
                continue
            snapshot = self._members.snapshots.get(environment.name)
            if snapshot is not None:
                row = member_row(snapshot, environment, self._indicators)
                silent = snapshot.at < fresh_since
                yield doubted_row(row, silence_fault(snapshot.at, NOT_ASKED)) if silent else row
                continue
            fault, told = WAITING, fleet.told_label_of(environment)
            if told:
                known = f"the server knows no series with {fleet.settings.by}={told}"
                fault = doubt or known
            yield unknown_row(environment, self._key, fault, label=told)
