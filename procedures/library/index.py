"""The index of documents that have been read: SQLite, on disk so that a start need not parse."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from procedures.library.entry import Entry, dump, restore
from procedures.library.texts import Texts
from procedures.runbook.scan import Found

_SEARCH = """
SELECT documents.path FROM texts JOIN documents ON documents.id = texts.rowid
WHERE texts MATCH ? LIMIT ?
"""
_RANKED = _SEARCH.replace("LIMIT", "ORDER BY bm25(texts, 12, 8, 4, 2, 1) LIMIT")
"""A match counts most in the title, then in names, summary, commands and prose."""

_SCHEMA = """
CREATE TABLE state (version TEXT NOT NULL);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    mtime_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    entry TEXT NOT NULL
);
CREATE VIRTUAL TABLE texts USING fts5 (
    title, names, summary, commands, prose,
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
"""


class Known(NamedTuple):
    """A document that has been read, and the file that it was read from."""

    found: Found
    entry: Entry


class Index:
    """Entries and searchable texts by path; one at a time may use it.

    A file that is damaged or comes from another version is thrown away: it can be made anew from
    the documents. Where none can be written the index is kept in memory.
    """

    def __init__(self, path: Path | None, *, version: str) -> None:
        self._database = _open(path, version)

    def known(self) -> dict[Path, Known]:
        """Return all documents by path."""
        rows = self._database.execute("SELECT path, mtime_ns, size, entry FROM documents")
        return {
            (path := Path(text)): Known(Found(path, mtime_ns, size), restore(entry))
            for text, mtime_ns, size, entry in rows
        }

    def keep(self, read: Iterable[tuple[Found, Entry, Texts]]) -> None:
        """Store documents that have been read, each in the place of what was known of it."""
        with self._database as database:
            for found, entry, texts in read:
                path = str(found.path)
                self._drop(path)
                cursor = database.execute(
                    "INSERT INTO documents (path, mtime_ns, size, entry) VALUES (?, ?, ?, ?)",
                    (path, found.mtime_ns, found.size, dump(entry)),
                )
                database.execute(
                    "INSERT INTO texts (rowid, title, names, summary, commands, prose)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (cursor.lastrowid, *texts),
                )

    def forget(self, paths: Iterable[Path]) -> None:
        """Remove documents that are gone."""
        with self._database:
            for path in paths:
                self._drop(str(path))

    def _drop(self, path: str) -> None:
        self._database.execute(
            "DELETE FROM texts WHERE rowid IN (SELECT id FROM documents WHERE path = ?)", (path,)
        )
        self._database.execute("DELETE FROM documents WHERE path = ?", (path,))

    def search(self, words: Sequence[str], *, limit: int) -> list[Path]:
        """Return the documents that hold a word beginning with each of ``words``, best first.

        Where more than ``limit`` do, the words tell them apart too little to be worth ranking:
        any of them are returned.
        """
        terms = " ".join('"' + word.replace('"', '""') + '"*' for word in words)
        found = self._database.execute(
            "SELECT rowid FROM texts WHERE texts MATCH ? LIMIT ?", (terms, limit + 1)
        ).fetchall()
        query = _RANKED if len(found) <= limit else _SEARCH
        rows = self._database.execute(query, (terms, limit))
        return [Path(path) for (path,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _open(path: Path | None, version: str) -> sqlite3.Connection:
    """Return a database of this version, in memory if there can be none on disk."""
    if path is None:
        return _prepared(None, version)
    try:
        return _prepared(path, version)
    except (sqlite3.OperationalError, OSError):  # no room, no right, or in use for too long
        return _prepared(None, version)
    except sqlite3.DatabaseError:
        _remove(path)
    try:
        return _prepared(path, version)
    except (sqlite3.DatabaseError, OSError):
        return _prepared(None, version)


def _prepared(path: Path | None, version: str) -> sqlite3.Connection:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = sqlite3.connect(path or ":memory:", check_same_thread=False, timeout=5.0)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if _version(database) != version:
            _reset(database, version)
    except BaseException:
        database.close()
        raise
    return database


def _version(database: sqlite3.Connection) -> str:
    tables: Mapping[str, str] = dict(database.execute("SELECT name, type FROM sqlite_master"))
    if "state" not in tables:
        return ""
    row = database.execute("SELECT version FROM state").fetchone()
    return str(row[0]) if row else ""


def _reset(database: sqlite3.Connection, version: str) -> None:
    with database:
        database.execute("BEGIN IMMEDIATE")
        if _version(database) == version:  # another console was faster
            return
        for table in ("texts", "documents", "state"):
            database.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";\n"):
            database.execute(statement)
        database.execute("INSERT INTO state (version) VALUES (?)", (version,))


def _remove(path: Path) -> None:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        try:
            path.with_name(name).unlink(missing_ok=True)
        except OSError:
            return
