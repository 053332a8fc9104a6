"""The log of a workload or a unit, followed: one stream, whatever becomes of its units."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import LogQuery, Target
from procedures.targets.values import Unit

LOOK_EVERY_S = 3.0
"""How soon the log of a new unit is among the others."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_CATCHING_UP_S = 2.0
"""For so long old lines of several units come one after another and are put in order."""
_ORDERING_S = 0.3
_GATHERING_S = 0.03
_MOST_WAITING = 16
_MOST_AT_ONCE = 4_000


class LogFollowing:
    """Follows units as they come, go and are started again.

    A stream that breaks is taken up where it ended: no line is lost that its target still has, and
    none is told twice. What went wrong is told by a line of its own, which has no unit.

    Args:
        target: Where the workload is.
        workload: Its name.
        unit: Name of one unit, for its log alone; empty for all.
        since: Lines written then or later; None for all that there are.
        tail: Of these, only so many of the last of each unit.
        clock: Dates the lines that tell what went wrong.
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
        self._unit = unit
        self._since = since
        self._tail = tail
        self._clock = clock
        self._queue: asyncio.Queue[Sequence[LogLine]] = asyncio.Queue(_MOST_WAITING)
        self._heads: dict[str, _Head] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}
        self._look_again = asyncio.Event()
        self._fault = ""

    async def batches(self) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield lines as they come; who reads slowly slows down the source."""
        steering = asyncio.create_task(self._steer(), name=f"follow {self._workload}")
        begun = asyncio.get_running_loop().time()
        try:
            while True:
                batch = await self._next(steering)
                loop_time = asyncio.get_running_loop().time()
                catching_up = loop_time - begun < _CATCHING_UP_S
                lines = await self._more(batch, _ORDERING_S if catching_up else _GATHERING_S)
                if len(self._readers) > 1:
                    lines.sort(key=lambda line: line.stamp)
                yield lines
        finally:
            tasks = [steering, *self._readers.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _next(self, steering: asyncio.Task[None]) -> Sequence[LogLine]:
        waiting = asyncio.create_task(self._queue.get())
        try:
            done, _ = await asyncio.wait({waiting, steering}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if waiting in done:
            return waiting.result()
        steering.result()  # a defect must end the console, not silence a log
        raise RuntimeError("the following of a log has ended")

    async def _more(self, first: Sequence[LogLine], for_s: float) -> list[LogLine]:
        """Take what comes within a moment: one picture shows it all."""
        lines = list(first)
        try:
            async with asyncio.timeout(for_s):
                while len(lines) < _MOST_AT_ONCE:
                    lines += await self._queue.get()
        except TimeoutError:
            pass
        return lines

    async def _steer(self) -> None:
        """Keep a reader on every unit that there is."""
        pause_s = _FIRST_PAUSE_S
        while True:
            self._look_again.clear()
            try:
                units = await self._units()
            except SourceError as error:
                await self._tell(f"{error.what}. {error.fix}" if error.fix else error.what)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                continue
            self._fault, pause_s = "", _FIRST_PAUSE_S
            for unit in units:
                reader = self._readers.get(unit.id)
                if reader is None or reader.done():
                    if reader is not None:
                        reader.result()
                    head = self._heads.setdefault(unit.id, _Head())
                    self._readers[unit.id] = asyncio.create_task(self._read(unit, head))
            self._forget({unit.id for unit in units})
            await self._wait()

    async def _units(self) -> list[Unit]:
        found = (await self._target.look()).workload(self._workload)
        units = found.units if found else ()
        return [unit for unit in units if self._unit in ("", unit.name)]

    def _forget(self, ids: set[str]) -> None:
        """Let go of units that are no more, once all of their log has come."""
        for known, reader in list(self._readers.items()):
            if known not in ids and reader.done():
                self._readers.pop(known).result()
                self._heads.pop(known, None)

    async def _wait(self) -> None:
        """Let time pass, or less if a stream ended."""
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._look_again.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_FIRST_PAUSE_S)

    async def _read(self, unit: Unit, head: "_Head") -> None:
        since = head.taken_up_at or self._since
        tail = None if head.taken_up_at else self._tail
        query = LogQuery(since=since, tail=tail, follow=True)
        try:
            async with aclosing(self._target.log(unit, query)) as batches:
                async for batch in batches:
                    if lines := head.new_of(batch):
                        await self._queue.put(lines)
        except SourceError as error:
            await self._tell(f"{unit.name}: {error.what}")
        finally:
            head.ended()
            self._look_again.set()

    async def _tell(self, text: str) -> None:
        """Tell a fault, once for as long as it lasts."""
        if text == self._fault:
            return
        self._fault = text
        stamp = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        await self._queue.put([LogLine(stamp, "", Severity.UNKNOWN, f"— {text} —")])


class _Head:
    """How far the log of one unit has been read."""

    def __init__(self) -> None:
        self._stamp = ""
        self._at_stamp: list[str] = []
        self._resumes = False

    @property
    def taken_up_at(self) -> datetime | None:
        """When the last line was written; None before the first."""
        if not self._stamp:
            return None
        # Targets may cut a time to whole seconds: what comes twice is left out again.
        return datetime.fromisoformat(self._stamp) - timedelta(seconds=1)

    def ended(self) -> None:
        """The next lines may repeat the last ones."""
        self._resumes = True

    def new_of(self, batch: Sequence[LogLine]) -> list[LogLine]:
        """Return the lines of a batch that were not told before."""
        lines = list(batch)
        if self._resumes:
            lines = self._after(lines)
        last = lines[-1].stamp if lines else ""
        if last:
            same = self._at_stamp if last == self._stamp else []
            same += [line.text for line in lines if line.stamp == last]
            self._at_stamp, self._stamp = same[-_MOST_AT_ONCE:], last
        return lines

    def _after(self, lines: list[LogLine]) -> list[LogLine]:
        new = [line for line in lines if line.stamp >= self._stamp]
        at_stamp = list(self._at_stamp)
        fresh = []
        for line in new:
            if line.stamp == self._stamp and line.text in at_stamp:
                at_stamp.remove(line.text)
            else:
                fresh.append(line)
        if any(line.stamp > self._stamp for line in new):
            self._resumes = False
        return fresh
