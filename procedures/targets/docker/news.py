"""What happened to the containers of a project, and what happens to them now."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any

from procedures.errors import SourceError
from procedures.targets.changes import Change
from procedures.targets.docker.connection import Connection
from procedures.targets.docker.errors import FAULTS
from procedures.targets.docker.events import ACTIONS, HOLD, Teller, folded, nanoseconds_of
from procedures.targets.docker.looking import Looking
from procedures.targets.docker.projects import project_filter
from procedures.targets.docker.remembered import remembered
from procedures.targets.docker.streams import Streams
from procedures.targets.docker.units import time_of

Json = Mapping[str, Any]
_QUIET_S = 15.0
_TRIES = 5
"""How often a stream that broke off is opened again, before the engine is said to be silent."""
_PAUSE_S = 0.5


class News:
    """Changes of a project.

    Attributes:
        teller: What is known from events so far; also of how containers ended.
    """

    def __init__(
        self, connection: Connection, streams: Streams, looking: Looking, source: str
    ) -> None:
        self._connection = connection
        self._streams = streams
        self._looking = looking
        self._source = source
        self.teller = self._new_teller()
        self._heard = 0
        """When the last event happened that the teller knows, in nanoseconds."""

    async def past(self, since: datetime, now: datetime) -> Sequence[Change]:
        """Return what happened since: what the engine remembers, then what containers tell."""
        inspected = await self._looking.inspected()
        teller, changes, heard = self._new_teller(), [], 0
        asked = await self._asked(f"{since.timestamp():.9f}")
        asked["until"] = await self._end(now)
        try:
            async with aclosing(self._events(asked, silent_s=_QUIET_S)) as events:
                async for event in events:
                    heard = nanoseconds_of(event)
                    changes += teller.tell(event)
        except FAULTS as error:
            raise self._streams.failed(error) from error
        changes += teller.due()
        teller.ends = self.teller.ends | teller.ends
        self.teller, self._heard = teller, heard
        changes += remembered(inspected, since, changes, self._source)
        return folded(changes)

    async def present(self, now: datetime) -> AsyncGenerator[Change, None]:
        """Yield what happens from now on; a stream that breaks off is opened again."""
        teller, failures, begun = self.teller, 0, False
        since = f"{now.timestamp():.9f}"
        while True:
            try:
                asked = await self._asked(since)
                async with aclosing(self._changes(asked, teller)) as changes:
                    async for change in changes:
                        begun = True
                        failures = 0
                        yield change
            except SourceError:
                if not begun or failures >= _TRIES:
                    raise
            except FAULTS as error:
                if failures >= _TRIES:
                    raise self._streams.failed(error) from error
            # The engine was stopped, or the connection to it broke.
            begun = True
            failures += 1
            await asyncio.sleep(_PAUSE_S)
            if self._heard:
                since = f"{self._heard // 10**9}.{self._heard % 10**9 + 1:09d}"

    async def _changes(
        self, asked: Mapping[str, str], teller: Teller
    ) -> AsyncGenerator[Change, None]:
        """Yield what events say, and what was held back as soon as it is due."""
        async with aclosing(self._events(asked, silent_s=None)) as events:
            coming: asyncio.Task[Json] | None = None
            try:
                while True:
                    coming = coming or asyncio.ensure_future(anext(events))
                    wait = HOLD.total_seconds() if teller.holds else None
                    done, _ = await asyncio.wait({coming}, timeout=wait)
                    if not done:
                        for change in teller.due():
                            yield change
                        continue
                    try:
                        event = coming.result()
                    except StopAsyncIteration:
                        break
                    finally:
                        coming = None
                    if event.get("Action") == "create":
                        await self._looking.image_of(str((event.get("Actor") or {}).get("ID", "")))
                    self._heard = nanoseconds_of(event)
                    for change in teller.tell(event):
                        yield change
            finally:
                if coming is not None:
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)

    async def _events(
        self, asked: Mapping[str, str], *, silent_s: float | None
    ) -> AsyncGenerator[Json, None]:
        async with self._streams.open("/events", asked, silent_s=silent_s) as body:
            async for line in body:
                if line.strip():
                    yield json.loads(line)

    async def _asked(self, since: str) -> dict[str, str]:
        project = project_filter(await self._looking.found())
        filters = {"type": ["container"], "event": list(ACTIONS), **project}
        return {"filters": json.dumps(filters), "since": since}

    async def _end(self, now: datetime) -> str:
        """Return the present by the engine's own clock: its past must end, not wait for ours."""
        found: Json = {}
        with suppress(SourceError):
            found = await self._connection.ask(lambda client: client.info())
        at = time_of(found.get("SystemTime")) or now
        return f"{at.timestamp():.9f}"

    def _new_teller(self) -> Teller:
        return Teller(self._source, lambda container: self._looking.images.get(container, ""))
