"""The log of a container, read as it comes."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from procedures.targets.docker.connection import Connection
from procedures.targets.docker.errors import FAULTS
from procedures.targets.docker.logs import FrameCutter, RawCutter, between_lives, parameters_of
from procedures.targets.docker.streams import Streams
from procedures.targets.log_lines import LogLine
from procedures.targets.target import LogQuery
from procedures.targets.values import Unit

_QUIET_S = 60.0
_AT_ONCE_BYTES = 64 * 1024
"""What is cut into lines before others have their turn: some 600 lines, 2 ms."""
_FEW = 100
_PAUSE_S = 0.02
"""How long more lines are waited for after a few, when a log is followed."""


class Reading:
    """Reads logs: who reads slowly makes the engine wait, for nothing is taken beyond a bound."""

    def __init__(self, connection: Connection, streams: Streams) -> None:
        self._connection = connection
        self._streams = streams

    async def lines(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield batches of lines, the oldest first."""
        found: Mapping[str, Any] = await self._connection.ask(
            lambda client: client.inspect_container(unit.id)
        )
        raw = bool((found.get("Config") or {}).get("Tty"))
        cutter = RawCutter(unit.name) if raw else FrameCutter(unit.name)
        if not query.previous:
            async for batch in self._batches(unit, cutter, parameters_of(query), query.follow):
                yield batch
            return
        begun = between_lives(found.get("State") or {})
        last: deque[LogLine] = deque(maxlen=query.tail)
        async for batch in self._batches(unit, cutter, parameters_of(query, begun), follow=False):
            last.extend(batch)
        yield list(last)

    async def _batches(
        self,
        unit: Unit,
        cutter: FrameCutter | RawCutter,
        asked: Mapping[str, str],
        follow: bool,
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        path = f"/containers/{unit.id}/logs"
        try:
            async with self._streams.open(
                path, asked, silent_s=None if follow else _QUIET_S
            ) as body:
                while chunk := await body.read(_AT_ONCE_BYTES):
                    lines = cutter.feed(chunk)
                    if lines:
                        yield lines
                    # Lines that come one by one are no reason to wake up for each.
                    await asyncio.sleep(_PAUSE_S if follow and len(lines) < _FEW else 0)
        except FAULTS as error:
            if not follow:
                raise self._streams.failed(error) from error
            # What was followed broke off: the end of the batches says so.
        if rest := cutter.close():
            yield rest
