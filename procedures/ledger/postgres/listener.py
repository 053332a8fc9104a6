"""Hearing of new events as they are recorded, through LISTEN on a connection of its own."""

import asyncio

from procedures.errors import LedgerError
from procedures.ledger.postgres.door import Door
from procedures.ledger.postgres.explain import FAILURES
from procedures.ledger.postgres.line import Connection
from procedures.ledger.postgres.schema import SCHEMA

LOOK_S = 0.5
"""Seconds between two looks while nothing is announced to us."""

SURE_LOOK_S = 5.0
"""Seconds between two looks while we listen: a broken connection can seem alive."""


class Listener:
    """Listens from the first :meth:`start` on, and anew when the connection was lost.

    Attributes:
        news: Set when something may have changed; take it before looking.
    """

    def __init__(self, door: Door) -> None:
        self.news = asyncio.Event()
        self._door = door
        self._connection: Connection | None = None
        self._entering: asyncio.Task[None] | None = None

    @property
    def look_s(self) -> float:
        """Seconds after which whoever has heard nothing should look."""
        return SURE_LOOK_S if self._connection else LOOK_S

    def start(self) -> None:
        """Begin to listen, in the background, unless that is so already."""
        if self._connection is None and (self._entering is None or self._entering.done()):
            self._entering = asyncio.create_task(self._enter())

    def drop(self) -> None:
        """Leave the connection: it is closed, or has told us too little."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def _enter(self) -> None:
        try:
            connection = await self._door.connection()
        except (*FAILURES, LedgerError):
            return  # the next start tries again, and those who wait look for themselves
        connection.add_termination_listener(self._on_end)
        try:
            await connection.add_listener(SCHEMA, self._on_notice)
        except BaseException as error:
            connection.terminate()
            if not isinstance(error, FAILURES):
                raise
            return
        self._connection = connection
        self._spread()  # what was recorded before we listened

    def _on_notice(self, *_notice: object) -> None:
        self._spread()  # what it says is not read: anyone may notify

    def _on_end(self, connection: object) -> None:
        if connection is self._connection:
            self._connection = None
        self._spread()

    def _spread(self) -> None:
        self.news.set()
        self.news = asyncio.Event()
