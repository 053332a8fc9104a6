"""The logs of a workload's units, followed as one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.signals.poller import pause_s
from procedures.targets.log_lines import LogLine
from procedures.targets.log_lives import ending, may_write, was_started_again
from procedures.targets.log_merging import LogMerge
from procedures.targets.log_notes import note
from procedures.targets.log_place import LogPlace
from procedures.targets.target import LogQuery, Target
from procedures.targets.values import Phase, Unit

LOOK_EVERY_S = 3.0
"""How often new units are looked for; at once when a log ended."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 15.0
"""Somebody looks at this: they shall not wait for a minute once the cause has gone."""
_SKEW = timedelta(minutes=1)
"""By how much the clocks of console and target may differ."""
_MOST_PLACES = 200
"""Units that are remembered after they went: one may only have been out of sight."""
_MOST_LINES = 2000
"""Lines of a unit that wait to be taken; beyond them nothing more is read."""
_MOST_CHARACTERS = 2**19
_BATCH = 1000
_NOTES = ""
"""Whose lines the notes are, beside the ids of units."""

Batches = AsyncGenerator[Sequence[LogLine], None]


@dataclass(slots=True)
class _Followed:
    """One unit whose log is read."""

    unit: Unit
    is_new: bool
    """Whether it was not there at the beginning: then all that it wrote since is wanted."""
    place: LogPlace
    task: asyncio.Task[None] | None = None
    is_gone: bool = False
    fault: str = ""


class LogFollowing:
    """Follows the units of a workload as they come, end, and are started again.

    No fault of the target ends it: it says so in a note, asks again, and goes on where it was.
    Whoever takes the batches slowly slows down the target: what waits here is bounded.

    Args:
        target: Where the workload runs.
        workload: Its name.
        clock: For the times of notes.
        unit: Name of the only unit to follow; empty for all.
        since: Nothing written before that time.
        tail: How much of the past each unit begins with.
    """

    def __init__(
        self,
        target: Target,
        workload: str,
        *,
        clock: Clock,
        unit: str = "",
        since: datetime | None = None,
        tail: int | None = 1000,
    ) -> None:
        self._target = target
        self._workload = workload
        self._clock = clock
        self._only = unit
        self._since = since
        self._tail = tail
        self._merge = LogMerge()
        self._units: dict[str, _Followed] = {}
        self._places: dict[str, LogPlace] = {}
        self._begun_at = clock.now()
        self._has_looked = False
        self._wakes_looker = asyncio.Event()
        self._looked = asyncio.Event()
        self._came = asyncio.Event()
        self._taken = asyncio.Event()
        self._defect: BaseException | None = None

    async def batches(self) -> Batches:
        """Yield lines in the order of their stamps; the end is the reader's."""
        looker = asyncio.create_task(self._look_on(), name=f"units of {self._workload}")
        looker.add_done_callback(self._ended)
        try:
            while True:
                await self._wait()
                lines = self._merge.take(monotonic())
                self._wake_readers()
                for at in range(0, len(lines), _BATCH):
                    yield lines[at : at + _BATCH]
                await asyncio.sleep(0)
        finally:
            tasks = [looker, *(each.task for each in self._units.values() if each.task)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self) -> None:
        """Return when there is something to take."""
        while True:
            if self._defect is not None:
                raise self._defect
            wait_s = self._merge.wait_s(monotonic())
            if wait_s is None and self._merge.has_lines:
                return
            self._came.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._came.wait()
            except TimeoutError:
                return

    def _wake_readers(self) -> None:
        self._taken.set()
        self._taken = asyncio.Event()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self._defect = task.exception()
            self._came.set()

    def _note(self, text: str) -> None:
        self._add(_NOTES, [note(text, self._clock.now())])
        self._merge.end(_NOTES)

    def _add(self, unit: str, lines: Sequence[LogLine]) -> None:
        self._merge.add(unit, lines, monotonic())
        self._came.set()

    # Which units there are.

    async def _look_on(self) -> None:
        failures = 0
        fault = ""
        while True:
            try:
                holdings = await self._target.look()
            except SourceError as error:
                failures += 1
                fault = self._tell(error, before=fault)
                await asyncio.sleep(self._pause_s(failures))
                continue
            failures, fault = 0, ""
            workload = holdings.workload(self._workload)
            self._take_over(workload.units if workload else ())
            self._wakes_looker.clear()
            self._looked.set()
            self._looked = asyncio.Event()
            # A log that ends as soon as it is asked for must not make us look all the time.
            await asyncio.sleep(_FIRST_PAUSE_S)
            try:
                async with asyncio.timeout(max(0.0, LOOK_EVERY_S - _FIRST_PAUSE_S)):
                    await self._wakes_looker.wait()
            except TimeoutError:
                continue

    def _take_over(self, units: Sequence[Unit]) -> None:
        wanted = {unit.id: unit for unit in units if self._only in {"", unit.name}}
        for followed in self._units.values():
            followed.is_gone = followed.unit.id not in wanted
        for unit in wanted.values():
            known = self._units.get(unit.id)
            if known is None:
                known = _Followed(unit, self._is_new(unit), self._place(unit.id))
                self._units[unit.id] = known
                if self._has_looked:
                    self._note(f"{unit.name} is new")
            known.unit = unit
            if known.task is None:
                known.task = asyncio.create_task(self._read(known), name=f"log of {unit.name}")
                known.task.add_done_callback(self._ended)
        if not self._has_looked and not wanted:
            self._note(f"nothing of {self._only or self._workload} runs; waiting for it")
        self._has_looked = True

    def _is_new(self, unit: Unit) -> bool:
        """Return whether a unit began while we followed, and was not merely out of sight."""
        young = unit.began_at is None or unit.began_at >= self._begun_at - _SKEW
        return self._has_looked and young

    def _place(self, id: str) -> LogPlace:
        place = self._places.pop(id, None) or LogPlace()
        self._places[id] = place
        if len(self._places) > _MOST_PLACES:
            del self._places[next(iter(self._places))]
        return place

    def _pause_s(self, failures: int) -> float:
        return min(pause_s(_FIRST_PAUSE_S, failures), _LONGEST_PAUSE_S)

    async def _next_look(self, *, hurry: bool = True) -> None:
        looked = self._looked
        if hurry:
            self._wakes_looker.set()
        await looked.wait()

    # What each of them writes.

    async def _read(self, followed: _Followed) -> None:
        """Read the log of a unit, life after life, until it is gone."""
        failures = 0
        while True:
            before = followed.unit
            try:
                came = await self._read_once(followed)
                failures = 0 if came else failures + 1
            except SourceError as error:
                failures += 1
                # Of a unit that has not begun, everybody knows why there is no log.
                if followed.unit.phase is not Phase.WAITING:
                    followed.fault = self._tell(error, before=followed.fault)
            self._merge.end(followed.unit.id)
            self._came.set()
            if failures > 1:
                await asyncio.sleep(self._pause_s(failures - 1))
            await self._next_look()
            if not await self._lives(followed, before):
                return
            if was_started_again(followed.unit, before):
                await self._read_last_words(followed)

    async def _read_once(self, followed: _Followed) -> bool:
        """Read until the log ends; return whether anything came."""
        place, unit = followed.place, followed.unit
        self._merge.begin(unit.id, monotonic(), note("", self._clock.now()).stamp)
        since, tail = self._since, self._tail
        if place.since is not None:
            since, tail = place.since, None
        elif followed.is_new:
            since, tail = max(since or self._begun_at - _SKEW, self._begun_at - _SKEW), None
        place.resume()
        return await self._pass_on(followed, LogQuery(since=since, tail=tail, follow=True))

    async def _read_last_words(self, followed: _Followed) -> None:
        """Read what a unit wrote in its last life after its log was cut off."""
        if (since := followed.place.since) is None:
            return
        followed.place.resume()
        try:
            await self._pass_on(followed, LogQuery(since=since, tail=None, previous=True))
        except SourceError:
            return  # most targets keep it; that one does not is no news to anybody

    async def _pass_on(self, followed: _Followed, query: LogQuery) -> bool:
        name, came = followed.unit.id, False
        async with aclosing(self._target.log(followed.unit, query)) as batches:
            async for batch in batches:
                followed.fault = ""
                new = followed.place.new(batch)
                came = came or bool(new)
                if new or not batch:
                    self._add(name, new)
                while self._is_full(name):
                    await self._taken.wait()
        return came

    def _is_full(self, id: str) -> bool:
        lines, characters = self._merge.waiting(id)
        return lines >= _MOST_LINES or characters >= _MOST_CHARACTERS

    async def _lives(self, followed: _Followed, before: Unit) -> bool:
        """Wait until there may be more in a log that ended; False if its unit is gone instead."""
        told = False
        while True:
            unit = followed.unit
            if followed.is_gone:
                self._note(f"{unit.name} is gone")
                self._merge.forget(unit.id)
                self._units.pop(unit.id, None)
                return False
            if may_write(unit, before):
                if was_started_again(unit, before):
                    self._note(f"{unit.name} was started again")
                return True
            if not told:
                self._note(f"{unit.name} {ending(unit)}; waiting for it")
                told = True
            await self._next_look(hurry=False)

    def _tell(self, error: SourceError, *, before: str) -> str:
        """Say what is wrong, unless that was said before."""
        fault = f"{error.what}. {error.fix}" if error.fix else error.what
        if fault != before:
            self._note(fault)
        return fault
