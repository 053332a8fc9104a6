"""What happens from now on: the API server's watches over events and pods.

Each begins with a list, goes on from the list's version, and is asked for again when its time is
over. Where the server forgot that version (410), the list is read again, and what it has that was
not told yet is told.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime

import aiohttp

from procedures.errors import SourceError
from procedures.signals.poller import pause_s
from procedures.targets.changes import Change
from procedures.targets.kubernetes.connection import Connection
from procedures.targets.kubernetes.errors import FORBIDDEN, GONE, StatusError, expired_in
from procedures.targets.kubernetes.fields import Json, part, text

WATCH_S = 60
"""Seconds of one watch: a connection that is gone without a word is found out by then."""
_SLACK_S = 10.0
_PAUSE_S = 0.5
_QUEUE = 256
_LONGEST = 4_194_304
"""Bytes of one event of a watch; an object is at most 1.5 MiB, says etcd."""
Reader = Callable[[Json], Sequence[Change]]


class ForgottenError(Exception):
    """The server does not know any more what came after a version."""


class Watcher:
    """Watches one list of the namespace.

    Args:
        connection: The API server.
        path: Of the list.
        selected: Which of it, as parameters.
        read: What changes an object tells of.
        since: Changes before are not news.
    """

    def __init__(
        self,
        connection: Connection,
        path: str,
        selected: Sequence[tuple[str, str]],
        read: Reader,
        since: datetime,
    ) -> None:
        self._connection = connection
        self._path = path
        self._selected = list(selected)
        self._read = read
        self._since = since
        self._told: dict[str, frozenset[Change]] = {}
        """Of each object that is there, by its identity: what was told of it last."""

    async def changes(self) -> AsyncGenerator[Change, None]:
        """Yield changes until the server does not answer at all: SourceError."""
        failures = 0
        version = ""
        while True:
            if not version:
                listed, version = await self._connection.every(self._path, self._selected)
                for change in self._listed(listed):
                    yield change
            heard = False
            try:
                async with aclosing(self._watched(version)) as watched:
                    async for kind, thing in watched:
                        heard = True
                        version = text(thing, "metadata", "resourceVersion") or version
                        for change in self._happened(kind, thing):
                            yield change
            except ForgottenError:
                version = ""
                failures = 0 if heard else failures + 1
            except BrokenWatchError:
                failures = 0 if heard else failures + 1
                await asyncio.sleep(pause_s(_PAUSE_S, max(failures, 1)))
            else:
                failures = 0
            if failures and not version:
                await asyncio.sleep(pause_s(_PAUSE_S, failures))

    def refused(self, error: StatusError) -> SourceError:
        """Return an answer of the server that ends the watch as the error to show."""
        return self._connection.refused(error)

    def _listed(self, listed: Sequence[Json]) -> list[Change]:
        """Return what a list has that is news, and forget what is not there any more."""
        before, self._told = self._told, {}
        found = []
        for thing in listed:
            key = text(thing, "metadata", "uid")
            told = frozenset(self._read(thing))
            found += [
                each for each in told - before.get(key, frozenset()) if each.at >= self._since
            ]
            self._told[key] = told
        return sorted(found, key=lambda change: change.at)

    def _happened(self, kind: str, thing: Json) -> list[Change]:
        """Return what an event of the watch tells that was not told yet."""
        if kind == "BOOKMARK":
            return []
        key = text(thing, "metadata", "uid")
        told = frozenset(self._read(thing))
        new = told - self._told.get(key, frozenset())
        if kind == "DELETED":
            self._told.pop(key, None)
            # An event that only expires tells nothing; a pod may end and be gone at once.
            new = frozenset() if self._path.endswith("/events") else new
        else:
            self._told[key] = told
        return sorted(new, key=lambda change: change.at)

    async def _watched(self, version: str) -> AsyncGenerator[tuple[str, Json], None]:
        """Yield what a watch tells until its time is over."""
        asked = [
            *self._selected,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", version),
            ("timeoutSeconds", str(WATCH_S)),
        ]
        try:
            async with self._connection.stream(
                self._path, asked, idle_s=WATCH_S + _SLACK_S
            ) as stream:
                try:
                    async for line in lines_of(stream):
                        event = json.loads(line)
                        kind, thing = text(event, "type"), part(event, "object")
                        if kind == "ERROR":
                            raise _error_in(thing)
                        yield kind, thing
                except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
                    raise BrokenWatchError from error
        except StatusError as error:
            if error.code == GONE:
                raise ForgottenError from error
            raise


class BrokenWatchError(Exception):
    """A watch ended before its time; the server may answer the next question all the same."""


def _error_in(thing: Json) -> Exception:
    return ForgottenError() if expired_in(thing) else BrokenWatchError(text(thing, "message"))


async def lines_of(stream: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """Yield the lines of a stream."""
    rest = b""
    async for chunk in stream.iter_any():
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        if len(rest) > _LONGEST:
            raise ValueError("an event of a watch has no end")
        for line in lines:
            if line:
                yield line


async def merged(watchers: Sequence[Watcher]) -> AsyncGenerator[Change, None]:
    """Yield what several watches tell, as it comes; the first error ends all.

    A watch that is forbidden is left out while another one is not.
    """
    queue: asyncio.Queue[Change] = asyncio.Queue(_QUEUE)

    async def hear(watcher: Watcher) -> None:
        async with aclosing(watcher.changes()) as changes:
            async for change in changes:
                await queue.put(change)

    tasks = {asyncio.create_task(hear(each), name="watch of a namespace") for each in watchers}
    try:
        while True:
            coming = asyncio.ensure_future(queue.get())
            try:
                await asyncio.wait([coming, *tasks], return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not coming.done():
                    coming.cancel()
            if coming.done() and not coming.cancelled():
                yield coming.result()
                continue
            for task in [each for each in tasks if each.done()]:
                tasks.discard(task)
                try:
                    task.result()
                except StatusError as error:
                    if error.code != FORBIDDEN or not tasks:
                        raise watchers[0].refused(error) from error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
