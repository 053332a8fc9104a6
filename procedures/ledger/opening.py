"""Opening the file of a SQLite ledger, and putting what SQLite says into an operator's words."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from procedures.errors import LedgerError
from procedures.ledger import schema
from procedures.ledger.wal_tail import unfinished_write

BUSY_S = 10.0
"""Seconds to wait for another console that is writing."""

_READ_ONLY = ("cannot be written", "Check the owner and mode of the file and its directory")
_EXPLANATIONS = {
    "SQLITE_FULL": ("cannot grow: the disk is full", "Free some space on its file system"),
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": ("cannot be opened", "Check the owner and mode of its directory"),
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_NOTADB": ("is not a ledger", "Name another file, or restore the ledger from a copy"),
    "SQLITE_CORRUPT": ("is damaged", "Keep the file as it is, and restore the ledger from a copy"),
    "SQLITE_BUSY": (
        f"was locked by another process for {BUSY_S:g} s",
        "Find the process that holds it, and try again",
    ),
    "SQLITE_IOERR": ("cannot be read or written", "Check the disk and its free space"),
}
"""By beginning of SQLite's error name: what has happened, and the next move."""


def open_for_writing(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open or create the ledger at ``path``; LedgerError if it cannot be written.

    Returns:
        The connection, and what a crash had left behind that is now put right; mostly empty.
    """
    _create_private(path)
    connection = _connect(path, f"{path.resolve().as_uri()}?mode=rw")
    with _closed_on_failure(connection, path):
        # Before anything is written: another program's database must stay as it is.
        if not schema.is_empty(connection):
            schema.require_ledger(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        left_over = unfinished_write(path.resolve().with_name(f"{path.resolve().name}-wal"))
        if schema.is_empty(connection):
            schema.create(connection)
        else:
            schema.require_ledger(connection, path)
            schema.upgrade(connection)
        connection.execute("COMMIT")
        if left_over:
            _begin_log_anew(connection)
    notice = f"{left_over} bytes of a write that a crash cut off were discarded"
    return connection, f"{notice}; every event before it is kept" if left_over else ""


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open an existing ledger without changing it; LedgerError if there is none."""
    if not path.is_file():
        raise LedgerError(f"there is no ledger at {path}", fix="Check the state directory")
    address = f"{path.resolve().as_uri()}?mode=ro"
    if not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        # SQLite cannot create its shared memory file there, and with no writer it needs none.
        address += "&immutable=1"
    connection = _connect(path, address)
    with _closed_on_failure(connection, path):
        schema.require_ledger(connection, path)
    return connection


def read(connection: sqlite3.Connection, query: str, values: Sequence[object] = ()) -> list[Any]:
    """Return all rows of a query; text that is not UTF-8 is read with replacements.

    Only tampering brings such text in. It must show as a broken chain, not as a failure to read.
    """
    try:
        return connection.execute(query, values).fetchall()
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        # Not from the beginning: it takes a quarter of the time of a walk through everything.
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return connection.execute(query, values).fetchall()


def explain(error: Exception, path: Path) -> LedgerError:
    """Return ``error`` of SQLite, or of text that it cannot store, in an operator's words."""
    name = getattr(error, "sqlite_errorname", "")
    for beginning, (what, fix) in _EXPLANATIONS.items():
        if name.startswith(beginning):
            return LedgerError(f"the ledger {path} {what}", fix=fix)
    return LedgerError(f"the ledger {path} refused: {error}", fix="Run `quarterdeck ledger verify`")


def _connect(path: Path, address: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return connection


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        connection.close()
        raise explain(error, path) from error
    except LedgerError:
        connection.close()
        raise


def _begin_log_anew(connection: sqlite3.Connection) -> None:
    """Get rid of what was discarded, unless another console uses the log: it is told only once."""
    connection.execute("PRAGMA busy_timeout = 0")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000:.0f}")


def _create_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Closing one that is open already would give up this process's locks on it.
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerError(
            f"the ledger {path} cannot be written: {error.strerror}",
            fix=f"Check the owner, mode and free space of {path.parent}",
        ) from error
