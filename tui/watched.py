"""A watch that begins when the first check needs it: a command starts without its clients."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.execution.record.station import Checks
from procedures.execution.run.run import CheckResult
from procedures.runbook.assertions import (
    AlertFiring,
    Assertion,
    BackupFresh,
    IndicatorState,
    IndicatorValue,
)
from procedures.signals.values import Snapshot

if TYPE_CHECKING:
    from procedures.signals.watch import Watch

_PATIENCE_S = 10.0
"""How long the sources may take to answer for the first time."""


class LazyWatch:
    """The watch over one environment, from the first question on."""

    def __init__(self, environment: Environment, clock: Clock) -> None:
        self._environment = environment
        self._clock = clock
        self._beginning = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    @cached_property
    def _watch(self) -> "Watch":
        # The clients of the sources are only wanted here, and cost a third of a second.
        from procedures.signals.build import watch_for

        return watch_for(self._environment, self._clock)

    @property
    def latest(self) -> Snapshot:
        """What is known at this moment."""
        return self._watch.latest

    async def know(self, assertion: Assertion) -> None:
        """Begin to watch, if ``assertion`` is about what is watched, and wait for first answers."""
        if not isinstance(assertion, IndicatorState | IndicatorValue | AlertFiring | BackupFresh):
            return
        async with self._beginning:
            if self._task is None:
                await self._begin()
        if isinstance(assertion, IndicatorValue) and assertion.for_s:
            await self._past_of(assertion.indicator)

    async def aclose(self) -> None:
        """Stop watching, if that was begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if "_watch" in self.__dict__:
            await self._watch.aclose()

    async def _begin(self) -> None:
        watch = await asyncio.to_thread(lambda: self._watch)
        from procedures.signals.build import SECOND_SCRAPE_AFTER_S

        scrapes = self._environment.prometheus is None and not self._environment.history_url
        await watch.look(
            patience_s=_PATIENCE_S, twice_after_s=SECOND_SCRAPE_AFTER_S if scrapes else 0.0
        )
        self._task = asyncio.create_task(self._follow(), name="watch")

    async def _follow(self) -> None:
        async for _ in self._watch.snapshots():
            self._moved.set()

    async def _past_of(self, indicator: str) -> None:
        """Wait for the indicator's past; without it the check says that it is not known."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S):
                while indicator not in self.latest.histories:
                    self._moved.clear()
                    await self._moved.wait()


class WatchedChecks:
    """Checks that make sure first that what they ask about is being watched."""

    def __init__(self, checks: Checks, watch: LazyWatch) -> None:
        self._checks = checks
        self._watch = watch

    async def check(
        self,
        assertion: Assertion,
        variables: Mapping[str, str],
        *,
        since: datetime | None = None,
    ) -> CheckResult:
        """Return what comes of ``assertion``."""
        await self._watch.know(assertion)
        return await self._checks.check(assertion, variables, since=since)

    async def aclose(self) -> None:
        """Release what answering took; the watch is its owner's."""
        await self._checks.aclose()
