"""The tables of a SQLite ledger, and how a file is recognised as one."""

import sqlite3
from pathlib import Path

from procedures.errors import LedgerError

VERSION = 2
"""Version of the tables, kept in ``PRAGMA user_version``."""

APPLICATION_ID = 0x51444B31
"""Marks the file as a ledger (``QDK1``), kept in ``PRAGMA application_id``."""

COLUMNS = "seq, at, kind, subject, environment, operator, body, previous_hash, hash"

# It holds all that is asked to find open stories; each entry ends with the row's id, `seq`.
_BY_KIND = "CREATE INDEX event_by_kind ON event (kind, environment, subject)"
_SET_VERSION = f"PRAGMA user_version = {VERSION}"

_STATEMENTS = (
    """
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        environment TEXT NOT NULL,
        operator TEXT NOT NULL,
        body TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL
    )
    """,
    "CREATE INDEX event_by_subject ON event (subject, seq)",
    _BY_KIND,
    """
    CREATE TRIGGER event_keeps_its_past BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    # Without this, INSERT OR REPLACE would overwrite a row and fire neither trigger above.
    """
    CREATE TRIGGER event_goes_to_the_end BEFORE INSERT ON event
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    _SET_VERSION,
)

_FROM_VERSION_1 = ("DROP INDEX event_by_kind", _BY_KIND, _SET_VERSION)


def create(connection: sqlite3.Connection) -> None:
    """Create the tables in an empty database; call it inside a transaction."""
    for statement in _STATEMENTS:
        connection.execute(statement)


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring a ledger of an earlier version up to date; call it inside a transaction.

    Earlier programs that have the file open go on: only an index is another one.
    """
    if version(connection) == 1:
        for statement in _FROM_VERSION_1:
            connection.execute(statement)


def version(connection: sqlite3.Connection) -> int:
    """Return the version of the tables."""
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Tell whether the database holds nothing at all."""
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(objects == 0)


def require_ledger(connection: sqlite3.Connection, path: Path) -> None:
    """Raise LedgerError unless the database is a ledger of a version that we can read."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id != APPLICATION_ID:
        raise LedgerError(
            f"{path} is a database, but not a ledger", fix="Name another file for the ledger"
        )
    found = version(connection)
    if found > VERSION:
        raise LedgerError(
            f"{path} was written by a newer quarterdeck (schema {found}, here {VERSION})",
            fix="Upgrade quarterdeck on this machine",
        )
