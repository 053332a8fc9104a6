"""Environments that are asked by their own sources, a few at a time."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.signals.build import SECOND_SCRAPE_AFTER_S, timeout_of, watch_for
from procedures.signals.values import Snapshot
from procedures.signals.watch import Watch

AT_ONCE = 8
"""How many are asked at the same time: one that hangs may hold up the others, never the console."""


class Members:
    """A watch for each environment, kept until :meth:`aclose`; rounds go on while they are run."""

    def __init__(self, clock: Clock, *, interval_s: float, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._changed = changed
        self._places = asyncio.Semaphore(AT_ONCE)
        self._watches: dict[str, Watch] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """What is known of each, by name."""
        return self._snapshots

    async def look(self, environments: Iterable[Environment], *, patience_s: float) -> None:
        """Ask each once, twice where a rate needs two scrapes; no place is kept in between."""

        async def one(environment: Environment) -> None:
            name, watch = environment.name, self._watch(environment)
            async with self._places:
                self._snapshots[name] = await watch.look(patience_s=patience_s)
            if environment.prometheus or environment.history_url or not environment.metrics:
                return
            await asyncio.sleep(SECOND_SCRAPE_AFTER_S)
            async with self._places:
                self._snapshots[name] = await watch.measure_again(patience_s=patience_s)

        await asyncio.gather(*(one(each) for each in environments))

    def run(self, environments: Iterable[Environment]) -> None:
        """Go on asking these, and stop asking others."""
        wanted = {each.name: each for each in environments}
        for name in self._tasks.keys() - wanted.keys():
            self._tasks.pop(name).cancel()
            self._snapshots.pop(name, None)
        for name, environment in wanted.items():
            if name not in self._tasks:
                self._tasks[name] = asyncio.create_task(self._rounds(environment), name="member")

    def raise_defects(self) -> None:
        """Raise what has ended a round that should have gone on."""
        for task in self._tasks.values():
            if task.done():
                task.result()

    async def stop(self) -> None:
        """Stop asking; what is known stays."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def aclose(self) -> None:
        """Stop asking and release every source."""
        await self.stop()
        for watch in self._watches.values():
            await watch.aclose()
        self._watches.clear()

    def _watch(self, environment: Environment) -> Watch:
        if environment.name not in self._watches:
            self._watches[environment.name] = watch_for(environment, self._clock)
        return self._watches[environment.name]

    async def _rounds(self, environment: Environment) -> None:
        watch = self._watch(environment)
        patience_s = timeout_of(self._interval_s)
        while True:
            async with self._places:
                snapshot = await watch.look(patience_s=patience_s, only_due=True)
            self._snapshots[environment.name] = snapshot
            self._changed()
            await asyncio.sleep(self._interval_s)
