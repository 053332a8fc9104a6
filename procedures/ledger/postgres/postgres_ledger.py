"""The ledger in a PostgreSQL database, shared by the consoles of a team."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence

from procedures.clock import Clock
from procedures.environment import Secret
from procedures.errors import LedgerError, LedgerUnreachableError
from procedures.ledger.chain import BEFORE_ALL, START, Record, audit
from procedures.ledger.event import Draft, Event, Mark, Verification
from procedures.ledger.postgres.adopting import ADOPT_S, Adopting
from procedures.ledger.postgres.appending import Appending
from procedures.ledger.postgres.door import Door
from procedures.ledger.postgres.line import Connection, Line
from procedures.ledger.postgres.listener import Listener
from procedures.ledger.postgres.loop import LoopThread
from procedures.ledger.postgres.schema import COLUMNS, SCHEMA
from procedures.ledger.storable import require_storable

BATCH = 2000
"""Events read at a time; each batch is one question to the server."""

_RECORDS = f"""
SELECT {COLUMNS} FROM {SCHEMA}.event
 WHERE seq > $1 AND ($2 = '' OR subject = $2) AND ($3 = '' OR kind >= $3 AND kind < $4)
 ORDER BY seq LIMIT $5
"""  # noqa: S608 - constants
_OF_SUBJECT = f"""
SELECT {COLUMNS} FROM {SCHEMA}.event
 WHERE seq > $1 AND subject = $2 AND ($3 = '' OR kind >= $3 AND kind < $4)
 ORDER BY seq LIMIT $5
"""  # noqa: S608 - constants
_UNFINISHED = f"""
SELECT subject
  FROM (SELECT DISTINCT ON (subject) subject, kind, seq FROM {SCHEMA}.event
         WHERE environment = $1 AND kind = ANY($2::text[] || $3::text[])
         ORDER BY subject, seq DESC) AS last
 WHERE kind = ANY($2::text[])
 ORDER BY seq DESC
"""  # noqa: S608 - constants
_MARK = f"SELECT seq, hash FROM {SCHEMA}.event ORDER BY seq DESC LIMIT 1"  # noqa: S608 - constants


class PostgresLedger:
    """An append-only record in a database, every commit synced to its disk.

    Threads and consoles may share it: each append holds one lock of the database until its
    commit. A lost connection is made anew; every method raises LedgerUnreachableError when that
    takes longer than ``line.REACH_S``.

    Args:
        url: As ``LedgerAddress.url``; the tables are created at first use, if the role may.
        clock: Gives each event its time.
        password: When the server asks for one that ``~/.pgpass`` does not hold.
        read_only: Open an existing ledger and change nothing, not even to create it.
    """

    def __init__(
        self, url: str, *, clock: Clock, password: Secret | None = None, read_only: bool = False
    ) -> None:
        door = Door(url, password, read_only=read_only)
        self._place = door.place
        self._clock = clock
        self._read_only = read_only
        self._line = Line(door)
        self._listener = Listener(door)
        self._loop = LoopThread("shared ledger")
        try:
            self._loop.run(self._line.open())
        except LedgerError:
            self.close()
            raise

    def append(self, draft: Draft, *, after: int | None = None) -> Event:
        """Record one fact; raises as ``Ledger.append`` says.

        Raises:
            LedgerUnreachableError: Also if the connection broke for good just when the event was
                on its way; the text then says that it may have been recorded.
        """
        require_storable(draft)
        self._require_writing()
        return self._loop.run(self._append(Appending(draft, after, self._clock))).event()

    def events(
        self, *, subject: str = "", kind_prefix: str = "", after_seq: int = 0, limit: int = 0
    ) -> Sequence[Event]:
        """Return the matching events, oldest first."""
        records = self._matching(subject, kind_prefix, after_seq, limit)
        return tuple(record.event() for record in records)

    def unfinished(
        self, environment: str, *, opened: Sequence[str], ended: Sequence[str]
    ) -> Sequence[str]:
        """Return the subjects of ``environment`` whose story is open, the newest first."""

        async def ask(connection: Connection) -> Sequence[str]:
            rows = await connection.fetch(_UNFINISHED, environment, list(opened), list(ended))
            return tuple(row["subject"] for row in rows)

        return self._loop.run(self._line.do(ask))

    def mark(self) -> Mark:
        """Return the place of the newest event."""
        return self._loop.run(self._line.do(_mark))

    def wait(self, after_seq: int, timeout_s: float) -> bool:
        """Block until there is an event behind ``after_seq``; False if none came in time."""
        return self._loop.run(self._wait(after_seq, timeout_s))

    def verify(self, *, since: Mark | None = None) -> Verification:
        """Walk the chain from the first event, or from ``since``, to the last."""
        since = since or START
        after_seq = since.seq - 1 if since.seq else BEFORE_ALL
        return audit(self._matching("", "", after_seq, 0), since=since)

    def records(self, *, after_seq: int = 0) -> Iterator[Record]:
        """Yield the events behind ``after_seq`` in order, as they are stored."""
        return self._matching("", "", after_seq, 0)

    def adopt(self, records: Iterable[Record]) -> int:
        """Add events of another ledger as they are, all of them or none; return how many."""
        self._require_writing()
        return self._loop.run(self._line.once(Adopting(records), within_s=ADOPT_S))

    def close(self) -> None:
        """Leave the server; any later call raises LedgerError."""
        self._loop.close(self._leave())

    def _require_writing(self) -> None:
        if self._read_only:
            raise LedgerError(
                f"the ledger {self._place} cannot be written: it was opened for reading only",
                fix="Open it without --read-only",
            )

    def _matching(
        self, subject: str, kind_prefix: str, after_seq: int, limit: int
    ) -> Iterator[Record]:
        left = limit or sys.maxsize
        while True:
            size = min(left, BATCH)
            batch = self._batch(subject, kind_prefix, after_seq, size)
            yield from batch
            left -= len(batch)
            if len(batch) < size or not left:
                return
            after_seq = batch[-1].seq

    def _batch(self, subject: str, kind_prefix: str, after_seq: int, size: int) -> list[Record]:
        query = _OF_SUBJECT if subject else _RECORDS
        bounds = kind_prefix, kind_prefix + "\U0010ffff"

        async def ask(connection: Connection) -> list[Record]:
            rows = await connection.fetch(query, after_seq, subject, *bounds, size)
            return [Record(*row) for row in rows]

        return self._loop.run(self._line.do(ask))

    async def _append(self, appending: Appending) -> Record:
        try:
            return await self._line.do(appending)
        except LedgerUnreachableError as error:
            if not appending.doubtful:
                raise
            raise LedgerUnreachableError(
                f"{error.what}; whether the event was recorded is not known",
                fix=error.fix,
                doubtful=appending.doubtful,
            ) from error

    async def _wait(self, after_seq: int, timeout_s: float) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while True:
            self._listener.start()
            news = self._listener.news
            if (await self._line.do(_mark)).seq > after_seq:
                return True
            left_s = deadline - loop.time()
            if left_s <= 0:
                return False
            try:
                await asyncio.wait_for(news.wait(), min(left_s, self._listener.look_s))
            except TimeoutError:
                continue

    async def _leave(self) -> None:
        self._line.close()
        self._listener.drop()


async def _mark(connection: Connection) -> Mark:
    row = await connection.fetchrow(_MARK)
    return Mark(seq=row["seq"], hash=row["hash"]) if row else START
