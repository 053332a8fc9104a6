"""One connection to the ledger that is made anew when it breaks, within bounded time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias, TypeVar

import asyncpg

from procedures.errors import LedgerConflictError, LedgerError, LedgerUnreachableError
from procedures.ledger.postgres.door import Door
from procedures.ledger.postgres.explain import FAILURES, explain, is_passing

REACH_S = 8.0
"""Seconds after which what did not succeed is given up."""

FIRST_PAUSE_S = 0.05
"""Seconds between the first two attempts; each later pause is twice as long."""

LONGEST_PAUSE_S = 1.0

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Action = Callable[[Connection], Awaitable[T]]


class Line:
    """Does one thing after another over one connection; for the loop's thread only."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._turn = asyncio.Lock()
        self._connection: Connection | None = None

    async def open(self) -> None:
        """Connect; LedgerError at once if that fails: whoever opens a ledger wants to know."""
        try:
            self._connection = await self._door.ledger()
        except FAILURES as error:
            raise explain(error, self._door.place, self._door.role, used=False) from error

    async def do(self, action: Action[T]) -> T:
        """Return what ``action`` returns, which may be tried several times.

        Raises:
            LedgerConflictError: As ``action`` does; its connection must be fit for further use.
            LedgerUnreachableError: If it did not succeed within REACH_S.
        """
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + REACH_S, FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout_at(deadline), self._turn:
                    return await self._attempt(action)
            except FAILURES as error:
                if not is_passing(error) or loop.time() + pause_s >= deadline:
                    raise explain(error, self._door.place, self._door.role, used=True) from error
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def once(self, action: Action[T], *, within_s: float) -> T:
        """Return what ``action`` returns, which is tried once; raises as :meth:`do`."""
        try:
            async with asyncio.timeout(within_s), self._turn:
                return await self._attempt(action)
        except FAILURES as error:
            raise explain(error, self._door.place, self._door.role, used=True) from error

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _attempt(self, action: Action[T]) -> T:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._connected()
        try:
            return await action(self._connection)
        except LedgerConflictError:
            raise
        except BaseException:
            # In whatever state it is: a half-spoken sentence must not be continued.
            self.close()
            raise

    async def _connected(self) -> Connection:
        try:
            return await self._door.ledger()
        except LedgerError as error:
            raise LedgerUnreachableError(error.what, fix=error.fix) from error
