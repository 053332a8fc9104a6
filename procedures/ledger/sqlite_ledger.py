"""The ledger in a SQLite file: durable before it returns, safe for several consoles at once."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from procedures.clock import Clock
from procedures.errors import LedgerConflictError
from procedures.ledger import schema
from procedures.ledger.chain import GENESIS, Record, audit, seal
from procedures.ledger.event import Draft, Event, Verification
from procedures.ledger.opening import explain, open_for_reading, open_for_writing

_BATCH = 1000
"""Events read at a time while the chain is walked, so that appends are never held up long."""


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
        self._connection = open_for_reading(path) if read_only else open_for_writing(path)

    def append(self, draft: Draft, *, after: int | None = None) -> Event:
        """Record one fact; raises LedgerError, or LedgerConflictError as ``Ledger.append`` says."""
        with self._exclusive() as connection, _transaction(connection):
            if after is not None:
                _require_last(connection, draft.subject, after)
            seq, previous_hash = connection.execute(
                "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1"
            ).fetchone() or (0, GENESIS)
            record = seal(draft, seq=seq + 1, at=self._clock.now(), previous_hash=previous_hash)
            connection.execute(
                f"INSERT INTO event ({schema.COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)",  # noqa: S608 - constant
                record,
            )
        return record.event()

    def events(
        self, *, subject: str = "", kind_prefix: str = "", after_seq: int = 0, limit: int = 0
    ) -> Sequence[Event]:
        """Return the matching events, oldest first."""
        records = self._records(subject, kind_prefix, after_seq, limit)
        return tuple(record.event() for record in records)

    def verify(self) -> Verification:
        """Walk the chain from the first event to the last."""
        return audit(self._all_records())

    def close(self) -> None:
        """Release the file; any later call raises LedgerError."""
        with self._exclusive() as connection:
            connection.close()

    def _all_records(self) -> Iterator[Record]:
        after_seq = -1
        while batch := self._records("", "", after_seq, _BATCH):
            yield from batch
            after_seq = batch[-1].seq

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
            rows = connection.execute(query, [*values, limit or -1]).fetchall()
        return [Record(*row) for row in rows]

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


def _require_last(connection: sqlite3.Connection, subject: str, after: int) -> None:
    (last,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM event WHERE subject = ?", [subject]
    ).fetchone()
    if last > after:
        raise LedgerConflictError(
            f"another console recorded on {subject} in the meantime",
            fix="Look at its present state and decide again",
        )
