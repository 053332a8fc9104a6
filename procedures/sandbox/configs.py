"""The configurations of the embedded service, in SQLite, with every version kept."""

import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from procedures.clock import Clock
from procedures.errors import SandboxError

SCHEMA = """
CREATE TABLE IF NOT EXISTS configs (
    namespace TEXT, key TEXT, environment TEXT, id TEXT, value TEXT, secret INTEGER,
    version INTEGER, created_at TEXT, created_by TEXT, updated_at TEXT, updated_by TEXT,
    PRIMARY KEY (namespace, key, environment)
);
CREATE TABLE IF NOT EXISTS versions (
    namespace TEXT, key TEXT, environment TEXT, version INTEGER, value TEXT, secret INTEGER,
    created_at TEXT, created_by TEXT, change_description TEXT,
    PRIMARY KEY (namespace, key, environment, version)
);
"""
HIDDEN = "<encrypted>"


class ConfigNotFoundError(SandboxError):
    """There is no such configuration, or no such version of it."""


class ConfigStorageError(SandboxError):
    """The database is not there, or not usable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigName:
    """What identifies a configuration."""

    namespace: str
    key: str
    environment: str


class ConfigStore:
    """Configurations in one SQLite file; each call opens it anew, so any thread may call."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self.create()

    def create(self) -> None:
        """Create the file and its tables unless they are there."""
        with closing(sqlite3.connect(self._path, timeout=5)) as db, db:
            db.executescript(SCHEMA)

    def get(self, name: ConfigName) -> dict[str, Any]:
        """Return the configuration as the API shows it; raises ConfigNotFoundError."""
        with self._open() as db:
            return _shown(self._row(db, name))

    def of_namespace(self, namespace: str, environment: str) -> list[dict[str, Any]]:
        """Return all configurations of a namespace in one environment."""
        with self._open() as db:
            rows = db.execute(
                "SELECT * FROM configs WHERE namespace = ? AND environment = ? ORDER BY key",
                (namespace, environment),
            ).fetchall()
        return [_shown(row) for row in rows]

    def put(self, name: ConfigName, value: object, *, by: str, secret: bool) -> dict[str, Any]:
        """Write a new version and return the configuration."""
        return self.put_all([(name, value, secret)], by=by)[0]

    def put_all(
        self, entries: Iterable[tuple[ConfigName, object, bool]], *, by: str
    ) -> list[dict[str, Any]]:
        """Write a new version of each ``(name, value, secret)``, all or none of them."""
        why = "Configuration updated"
        with self._open() as db:
            return [
                self._write(db, name, json.dumps(value), by=by, secret=secret, why=why)
                for name, value, secret in entries
            ]

    def delete(self, name: ConfigName) -> None:
        """Remove the configuration; its versions stay. Raises ConfigNotFoundError."""
        with self._open() as db:
            self._row(db, name)
            db.execute(f"DELETE FROM configs WHERE {_WHERE}", _key(name))  # noqa: S608

    def history(self, name: ConfigName) -> Sequence[dict[str, Any]]:
        """Return all versions, newest first; raises ConfigNotFoundError if there are none."""
        with self._open() as db:
            rows = db.execute(
                f"SELECT * FROM versions WHERE {_WHERE} ORDER BY version DESC",  # noqa: S608
                _key(name),
            ).fetchall()
        if not rows:
            raise ConfigNotFoundError(f"Configuration not found: {name.namespace}:{name.key}")
        fields = ("version", "created_at", "created_by", "change_description")
        return [{**{f: row[f] for f in fields}, "value": _value(row)} for row in rows]

    def roll_back(self, name: ConfigName, version: int) -> dict[str, Any]:
        """Write the value of an old version as a new one; raises ConfigNotFoundError."""
        with self._open() as db:
            old = db.execute(
                f"SELECT * FROM versions WHERE {_WHERE} AND version = ?",  # noqa: S608
                (*_key(name), version),
            ).fetchone()
            if old is None:
                raise ConfigNotFoundError(f"Version {version} not found")
            why = f"Rollback to version {version}"
            secret = bool(old["secret"])
            return self._write(db, name, old["value"], by="system", secret=secret, why=why)

    def count(self) -> dict[tuple[str, str], int]:
        """Return how many configurations each namespace has in each environment."""
        with self._open() as db:
            rows = db.execute(
                "SELECT namespace, environment, count(*) FROM configs GROUP BY 1, 2"
            ).fetchall()
        return {(namespace, environment): count for namespace, environment, count in rows}

    def _write(
        self,
        db: sqlite3.Connection,
        name: ConfigName,
        value: str,
        *,
        by: str,
        secret: bool,
        why: str,
    ) -> dict[str, Any]:
        now = _time_text(self._clock.now())
        (last,) = db.execute(
            f"SELECT coalesce(max(version), 0) FROM versions WHERE {_WHERE}",  # noqa: S608
            _key(name),
        ).fetchone()
        db.execute(
            "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*_key(name), last + 1, value, secret, now, by, why),
        )
        db.execute(
            "INSERT INTO configs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value, secret = excluded.secret,"
            " version = excluded.version, updated_at = excluded.updated_at,"
            " updated_by = excluded.updated_by",
            (*_key(name), str(uuid.uuid4()), value, secret, last + 1, now, by, now, by),
        )
        return _shown(self._row(db, name))

    def _row(self, db: sqlite3.Connection, name: ConfigName) -> sqlite3.Row:
        row: sqlite3.Row | None = db.execute(
            f"SELECT * FROM configs WHERE {_WHERE}",  # noqa: S608
            _key(name),
        ).fetchone()
        if row is None:
            raise ConfigNotFoundError(f"Configuration not found: {name.namespace}:{name.key}")
        return row

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file as it is now; a command may have renamed, dropped or restored it."""
        try:
            uri = f"{self._path.as_uri()}?mode=rw"
            with closing(sqlite3.connect(uri, timeout=5, uri=True)) as db, db:
                db.row_factory = sqlite3.Row
                yield db
        except sqlite3.OperationalError as error:
            raise ConfigStorageError(f"the database cannot be used: {error}") from error


_WHERE = "namespace = ? AND key = ? AND environment = ?"


def _key(name: ConfigName) -> tuple[str, str, str]:
    return name.namespace, name.key, name.environment


def _value(row: sqlite3.Row) -> object:
    return HIDDEN if row["secret"] else json.loads(row["value"])


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    metadata = ("created_at", "created_by", "updated_at", "updated_by")
    return {
        **{field: row[field] for field in ("id", "namespace", "key", "environment", "version")},
        "value": _value(row),
        "metadata": {**{f: row[f] for f in metadata}, "tags": [], "description": None},
    }


def _time_text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
