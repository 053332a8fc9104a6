"""The file of an outbox: one table, each change on the disk before it counts."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from procedures.errors import LedgerError

VERSION = 1
"""Version of the table, kept in ``PRAGMA user_version``."""

APPLICATION_ID = 0x51444F31
"""Marks the file as an outbox (``QDO1``), kept in ``PRAGMA application_id``."""

BUSY_S = 10.0
"""Seconds to wait for another console that is writing."""

_TABLE = """
CREATE TABLE fact (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    environment TEXT NOT NULL,
    operator TEXT NOT NULL,
    body TEXT NOT NULL,
    doubtful TEXT NOT NULL
)
"""
_COLUMNS = "id, at, kind, subject, environment, operator, body, doubtful"
_INSERT = f"INSERT INTO fact ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)"  # noqa: S608 - constant
_SELECT = f"SELECT {_COLUMNS} FROM fact WHERE ? IN ('', subject) ORDER BY place"  # noqa: S608 - constant


class Row(NamedTuple):
    """A fact as the file keeps it; ``at`` and ``body`` are text."""

    id: str
    at: str
    kind: str
    subject: str
    environment: str
    operator: str
    body: str
    doubtful: str


class OutboxFile:
    """The table in the file at ``path``, opened anew for each use; LedgerError says what is wrong.

    A fact is kept rarely, and then by whatever thread or process happens to have one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, row: Row) -> None:
        """Put ``row`` behind all others."""
        _create_private(self._path)
        with self._open("IMMEDIATE") as connection:
            if _is_empty(connection):
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute(_INSERT, row)

    def rows(self, subject: str) -> Sequence[Row]:
        """Return the rows of ``subject``, or all of them when it is empty, in their order."""
        if not self._path.exists():
            return ()
        with self._open("DEFERRED") as connection:
            if _is_empty(connection):  # another console is just creating it
                return ()
            return tuple(map(Row._make, connection.execute(_SELECT, [subject])))

    def remove(self, id: str) -> None:
        """Remove a row; another console may have done so before."""
        with self._open("IMMEDIATE") as connection:
            connection.execute("DELETE FROM fact WHERE id = ?", [id])

    def damaged(self, how: str) -> LedgerError:
        """Return the error for a file that cannot be understood."""
        return LedgerError(
            f"the facts kept in {self._path} cannot be read: {how}",
            fix="Keep a copy of the file, then move it away: they are nowhere else, and a new one "
            "is begun",
        )

    @contextmanager
    def _open(self, lock: str) -> Iterator[sqlite3.Connection]:
        try:
            address = f"{self._path.resolve().as_uri()}?mode=rw"
            connection = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None)
            try:
                # EXTRA: the directory too is on the disk, so that no removal comes undone.
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute(f"BEGIN {lock}")
                self._require_outbox(connection)
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()  # which takes back whatever was not committed
        except sqlite3.Error as error:
            raise self._explain(error) from error

    def _require_outbox(self, connection: sqlite3.Connection) -> None:
        if _is_empty(connection):
            return
        (kind,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if kind != APPLICATION_ID:
            raise self.damaged("it is the database of something else")
        if version > VERSION:
            raise LedgerError(
                f"{self._path} was written by a newer quarterdeck (version {version})",
                fix="Upgrade quarterdeck on this machine",
            )
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise self.damaged(" ".join(found.split()))

    def _explain(self, error: sqlite3.Error) -> LedgerError:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return self.damaged(str(error))
        if name.startswith("SQLITE_BUSY"):
            what = f"was locked by another process for {BUSY_S:g} s"
            return LedgerError(f"{self._path} {what}", fix="Find the process that holds it")
        return _unusable(self._path, str(error))


def _is_empty(connection: sqlite3.Connection) -> bool:
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(objects == 0)


def _create_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Closing one that is open already would give up this process's locks on it.
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _unusable(path, str(error.strerror)) from error


def _unusable(path: Path, said: str) -> LedgerError:
    return LedgerError(
        f"the facts of this machine cannot be kept in {path}: {said}",
        fix=f"Check the owner, mode and free space of {path.parent}",
    )
