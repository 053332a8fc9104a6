"""The targets of an environment, watched: what runs, and what changed lately."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from time import monotonic

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.signals.poller import Poller, pause_s
from procedures.targets.changes import Change
from procedures.targets.seen import Deployments, Seen
from procedures.targets.target import Target
from procedures.targets.values import Holdings

INTERVAL_S = 5.0
TIMEOUT_S = 20.0
COALESCE_S = 0.25
"""Least time between two pictures: a roll of many units is one change to look at."""
PAST = timedelta(hours=24)
MOST_CHANGES = 1000


class TargetWatch:
    """Asks every target at its own pace, and at once when something happened to it.

    The asking begins with :meth:`pictures` and ends with :meth:`aclose`.
    """

    def __init__(
        self, targets: Sequence[Target], *, clock: Clock, interval_s: float = INTERVAL_S
    ) -> None:
        self.targets = tuple(targets)
        self._clock = clock
        self._changed = asyncio.Event()
        self._pollers = [
            Poller(_Look(each, interval_s), clock=clock, changed=self._changed.set)
            for each in self.targets
        ]
        self._changes: dict[tuple[object, ...], Change] = {}
        self._past_faults: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def target(self, name: str) -> Target:
        """Return the target that the settings call ``name``."""
        return next(each for each in self.targets if each.place.name == name)

    @property
    def latest(self) -> Deployments:
        """What is known at this moment."""
        now = self._clock.now()
        begin = now - PAST
        recent = [each for each in self._changes.values() if each.at >= begin]
        recent.sort(key=lambda each: each.at, reverse=True)
        return Deployments(
            at=now,
            seen=tuple(
                Seen(
                    place=target.place,
                    holdings=poller.held.part,
                    # A question that failed leaves the answer before it without a warrant at once.
                    doubt=poller.held.doubt(now) or poller.held.fault,
                    fault=poller.held.fault or self._past_faults.get(target.place.name, ""),
                )
                for target, poller in zip(self.targets, self._pollers, strict=True)
            ),
            changes=tuple(recent[:MOST_CHANGES]),
        )

    async def pictures(self) -> AsyncGenerator[Deployments, None]:
        """Yield what is known whenever it changed, at most four times a second."""
        self._start()
        shown: Deployments | None = None
        shown_at = 0.0
        while True:
            await self._change()
            await asyncio.sleep(shown_at + COALESCE_S - monotonic())
            self._changed.clear()
            latest = self.latest
            if shown is None or replace(latest, at=shown.at) != shown:
                shown, shown_at = latest, monotonic()
                yield latest

    def look_now(self) -> None:
        """Ask every target that has no question open, without waiting for its turn."""
        for poller in self._pollers:
            poller.wake()

    async def aclose(self) -> None:
        """Stop asking and release every target."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for poller in self._pollers:
            await poller.aclose()

    def _start(self) -> None:
        if self._tasks:
            return
        for target, poller in zip(self.targets, self._pollers, strict=True):
            name = target.place.name
            self._keep(asyncio.create_task(poller.run(), name=f"look at {name}"))
            self._keep(asyncio.create_task(self._hear(target, poller.wake), name=f"hear of {name}"))

    def _keep(self, task: asyncio.Task[None]) -> None:
        task.add_done_callback(lambda _: self._changed.set())
        self._tasks.append(task)

    async def _hear(self, target: Target, wake: Callable[[], None]) -> None:
        """Learn what happened, then what happens; look again when something did."""
        failures = 0
        since = self._clock.now() - PAST
        while True:
            begun = self._clock.now()
            try:
                for change in await target.changes(since):
                    self._note(change)
                self._past_faults.pop(target.place.name, None)
                self._changed.set()
                failures = 0
                async with aclosing(target.news()) as news:
                    async for change in news:
                        self._note(change)
                        self._changed.set()
                        wake()
                since = begun
            except SourceError as error:
                failures += 1
                fault = f"what happened is not known: {error.what}"
                self._past_faults[target.place.name] = (
                    f"{fault}. {error.fix}" if error.fix else fault
                )
                self._changed.set()
            await asyncio.sleep(pause_s(INTERVAL_S, max(failures, 1)))

    def _note(self, change: Change) -> None:
        # Told twice, by the past and by the news, it is one change still.
        key = (change.source, change.subject, change.kind, change.since or change.at, change.text)
        self._changes.pop(key, None)
        self._changes[key] = change
        while len(self._changes) > 2 * MOST_CHANGES:
            self._changes.pop(next(iter(self._changes)))

    async def _change(self) -> None:
        """Wait for an answer, or for the moment at which one becomes too old."""
        now = self._clock.now()
        expiries = [poller.held.expires_at for poller in self._pollers]
        waits = [(each - now).total_seconds() for each in expiries if each and each >= now]
        try:
            async with asyncio.timeout(min(waits, default=60.0) + 0.01):
                await self._changed.wait()
        except TimeoutError:
            return
        for task in self._tasks:
            if task.done():
                task.result()  # a defect must end the console, not freeze a part of it


class _Look:
    """A target as a source that is polled."""

    def __init__(self, target: Target, interval_s: float) -> None:
        self.name = target.place.name
        self.address = f"{target.place.name} ({target.place.where})"
        self.interval_s = interval_s
        self.timeout_s = TIMEOUT_S
        self._target = target

    async def read(self) -> Holdings:
        return await self._target.look()

    async def aclose(self) -> None:
        await self._target.aclose()
