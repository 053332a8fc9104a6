"""The ledger in a SQLite file: durable before it returns, safe for several consoles at once."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from time import monotonic

from procedures.clock import Clock
from procedures.errors import LedgerConflictError
from procedures.ledger import schema
from procedures.ledger.chain import BEFORE_ALL, START, Record, audit, joined, seal
from procedures.ledger.event import Draft, Event, Mark, Verification
from procedures.ledger.opening import explain, open_for_reading, open_for_writing, read
from procedures.ledger.storable import require_storable

_BATCH = 1000
"""Events read at a time while the chain is walked, so that appends are never held up long."""

_LOOK_S = 0.1
"""Seconds between two looks at what other processes have recorded."""

_INSERT = f"INSERT INTO event ({schema.COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)"  # noqa: S608 - constant


class SqliteLedger:
    """An append-only record in one file, in write-ahead mode with every commit synced to disk.

    Threads may share it: one lock serialises them. Processes may share the file: each append
    reads the end of the chain inside its own write transaction.

    Args:
        path: The file; created with its directory (0700, the file 0600) unless ``read_only``.
        clock: Gives each event its time.
        read_only: Open an existing ledger and change nothing, not even to create it.
    """

    def __init__(self, path: Path, *, clock: Clock, read_only: bool = False) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._grown = threading.Condition()
        if read_only:
            self._connection, self._notice = open_for_reading(path), ""
        else:
            self._connection, self._notice = open_for_writing(path)

    def append(self, draft: Draft, *, after: int | None = None) -> Event:
        """Record one fact; raises LedgerError, or LedgerConflictError as ``Ledger.append`` says."""
        require_storable(draft)
        with self._exclusive() as connection, _transaction(connection):
            if after is not None:
                _require_last(connection, draft.subject, after)
            last = _mark(connection)
            record = seal(draft, seq=last.seq + 1, at=self._clock.now(), previous_hash=last.hash)
            connection.execute(_INSERT, record)
        self._wake()
        return record.event()

    def events(
        self, *, subject: str = "", kind_prefix: str = "", after_seq: int = 0, limit: int = 0
    ) -> Sequence[Event]:
        """Return the matching events, oldest first."""
        records = self._records(subject, kind_prefix, after_seq, limit)
        return tuple(record.event() for record in records)

    def unfinished(
        self, environment: str, *, opened: Sequence[str], ended: Sequence[str]
    ) -> Sequence[str]:
        """Return the subjects whose story is open, as ``Ledger.unfinished`` says."""
        # SQLite takes `kind` from the row that has the greatest `seq`.
        query = (
            "SELECT subject, kind, max(seq) AS last FROM event "  # noqa: S608 - placeholders only
            f"WHERE kind IN ({_placeholders(opened, ended)}) AND environment = ? "
            f"GROUP BY subject HAVING kind IN ({_placeholders(opened)}) ORDER BY last DESC"
        )
        with self._exclusive() as connection:
            rows = read(connection, query, [*opened, *ended, environment, *opened])
        return tuple(subject for subject, _, _ in rows)

    def mark(self) -> Mark:
        """Return the place of the newest event."""
        with self._exclusive() as connection:
            return _mark(connection)

    def wait(self, after_seq: int, timeout_s: float) -> bool:
        """Block until there is an event behind ``after_seq``; False if none came in time."""
        until = monotonic() + timeout_s
        while True:
            # Held while looking, so that an append of this process is not missed in between.
            with self._grown:
                if self.mark().seq > after_seq:
                    return True
                left = until - monotonic()
                if left <= 0:
                    return False
                self._grown.wait(min(_LOOK_S, left))

    def verify(self, *, since: Mark | None = None) -> Verification:
        """Walk the chain from the first event, or from ``since``, to the last."""
        start = since or START
        before = start.seq - 1 if start.seq else BEFORE_ALL
        return replace(audit(self.records(after_seq=before), since=start), notice=self._notice)

    def records(self, *, after_seq: int = 0) -> Iterator[Record]:
        """Yield the events behind ``after_seq`` in order, as they are stored."""
        while batch := self._records("", "", after_seq, _BATCH):
            yield from batch
            after_seq = batch[-1].seq

    def adopt(self, records: Iterable[Record]) -> int:
        """Add events of another ledger, as ``Ledger.adopt`` says; meanwhile nobody else writes."""
        coming, count = iter(records), 0
        with self._exclusive() as connection, _transaction(connection):
            last = _mark(connection)
            while batch := list(islice(coming, _BATCH)):
                last, count = joined(batch, after=last), count + len(batch)
                connection.executemany(_INSERT, batch)
        self._wake()
        return count

    def close(self) -> None:
        """Release the file; any later call raises LedgerError."""
        with self._exclusive() as connection:
            connection.close()
        self._wake()

    def _records(self, subject: str, kind_prefix: str, after_seq: int, limit: int) -> list[Record]:
        clauses: list[str] = ["seq > ?"]
        values: list[int | str] = [after_seq]
        if subject:
            clauses.append("subject = ?")
            values.append(subject)
        if kind_prefix:
            clauses.append("kind >= ? AND kind < ?")
            values += [kind_prefix, kind_prefix + "\U0010ffff"]
        query = (
            f"SELECT {schema.COLUMNS} FROM event WHERE {' AND '.join(clauses)} "  # noqa: S608 - constants
            "ORDER BY seq LIMIT ?"
        )
        with self._exclusive() as connection:
            rows = read(connection, query, [*values, limit or -1])
        return list(map(Record._make, rows))

    def _wake(self) -> None:
        with self._grown:
            self._grown.notify_all()

    @contextmanager
    def _exclusive(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except (sqlite3.Error, UnicodeEncodeError) as error:
                raise explain(error, self._path) from error


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself has already rolled back after some failures, a full disk among them.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _mark(connection: sqlite3.Connection) -> Mark:
    rows = read(connection, "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1")
    return Mark(seq=rows[0][0], hash=rows[0][1]) if rows else START


def _placeholders(*kinds: Sequence[str]) -> str:
    return ",".join("?" for each in kinds for _ in each)


def _require_last(connection: sqlite3.Connection, subject: str, after: int) -> None:
    (last,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM event WHERE subject = ?", [subject]
    ).fetchone()
    if last > after:
        raise LedgerConflictError(
            f"another console recorded on {subject} in the meantime",
            fix="Look at its present state and decide again",
        )
