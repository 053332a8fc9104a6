"""The databases of the sandbox's PostgreSQL, and the settings of its server."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from procedures.sandbox.kept import Kept
from procedures.sandbox.state_dir import DATABASE, StateDir

MAINTENANCE = ("postgres", "template0", "template1")
"""Databases that always exist and hold nothing of the service."""
OWNER = "llm_config_user"
SUPERUSER = "postgres"
VERSION = "16.1"
SETTINGS = {
    "archive_command": "test ! -f /var/lib/llm-config/backups/wal/%f && cp %p "
    "/var/lib/llm-config/backups/wal/%f",
    "archive_mode": "on",
    "archive_timeout": "0",
    "autovacuum": "on",
    "checkpoint_timeout": "5min",
    "data_directory": "/var/lib/postgresql/data",
    "default_transaction_read_only": "off",
    "effective_cache_size": "4GB",
    "hba_file": "/var/lib/postgresql/data/pg_hba.conf",
    "config_file": "/var/lib/postgresql/data/postgresql.conf",
    "idle_in_transaction_session_timeout": "0",
    "listen_addresses": "*",
    "lock_timeout": "0",
    "log_min_duration_statement": "-1",
    "maintenance_work_mem": "64MB",
    "max_connections": "100",
    "max_wal_senders": "10",
    "max_wal_size": "1GB",
    "port": "5432",
    "random_page_cost": "4",
    "recovery_target_action": "pause",
    "recovery_target_time": "",
    "restore_command": "",
    "server_version": VERSION,
    "shared_buffers": "128MB",
    "statement_timeout": "0",
    "superuser_reserved_connections": "3",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "work_mem": "4MB",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]*")


class DatabaseError(Exception):
    """What the server would refuse, in its words.

    Attributes:
        sqlstate: Its class of error, as far as clients look at it.
    """

    def __init__(self, text: str, *, detail: str = "") -> None:
        super().__init__(text)
        self.detail = detail


class Cluster:
    """All databases of one sandbox; blocks."""

    def __init__(self, state: StateDir) -> None:
        self._folder = state.databases
        self.recovery_signal = state.database_server / "recovery.signal"
        """While this file is there the server replays the archived log, and waits."""
        self._kept = Kept(state.kept)

    def names(self) -> list[str]:
        """Return the databases that hold something of their own."""
        return sorted(path.stem for path in self._folder.glob("*.db"))

    def path(self, name: str) -> Path:
        """Return the file of a database; DatabaseError if it does not exist."""
        path = self._folder / f"{name}.db"
        if not _NAME.fullmatch(name) or not path.exists():
            raise DatabaseError(f'database "{name}" does not exist')
        return path

    def exists(self, name: str) -> bool:
        """Whether there is such a database."""
        return name in MAINTENANCE or name in self.names()

    def create(self, name: str) -> None:
        """Make an empty database."""
        if self.exists(name):
            raise DatabaseError(f'database "{name}" already exists')
        with closing(sqlite3.connect(self._folder / f"{name}.db")) as db:
            db.execute("VACUUM")

    def drop(self, name: str, *, sessions: int) -> None:
        """Remove a database that nobody uses; it is gone for good."""
        path = self.path(name)
        self._require_unused(name, sessions)
        path.unlink()

    def rename(self, old: str, new: str, *, sessions: int) -> None:
        """Give a database that nobody uses another name."""
        path = self.path(old)
        if self.exists(new):
            raise DatabaseError(f'database "{new}" already exists')
        self._require_unused(old, sessions)
        path.rename(self._folder / f"{new}.db")

    def size_bytes(self, name: str) -> int:
        """Return the size of a database."""
        return 7_500_000 + (0 if name in MAINTENANCE else self.path(name).stat().st_size)

    def settings(self) -> dict[str, str]:
        """Return every setting that the server uses now."""
        return {**SETTINGS, **self._kept.under("postgres.active")}

    def change_setting(self, name: str, value: str | None) -> None:
        """Write a setting for the next reload; None takes the written one back."""
        if name not in SETTINGS:
            raise DatabaseError(f'unrecognized configuration parameter "{name}"')
        self._kept.set(f"postgres.written.{name}", value)

    def reset_settings(self) -> None:
        """Take back everything that was written."""
        for name in self._kept.under("postgres.written"):
            self._kept.set(f"postgres.written.{name}", None)

    def reload(self) -> None:
        """Use what is written."""
        written = self._kept.under("postgres.written")
        for name in self._kept.under("postgres.active"):
            if name not in written:
                self._kept.set(f"postgres.active.{name}", None)
        for name, value in written.items():
            self._kept.set(f"postgres.active.{name}", value)

    def _require_unused(self, name: str, sessions: int) -> None:
        if name != DATABASE or not sessions:
            return
        plural = "session" if sessions == 1 else "sessions"
        raise DatabaseError(
            f'database "{name}" is being accessed by other users',
            detail=f"There {'is' if sessions == 1 else 'are'} {sessions} other {plural} "
            "using the database.",
        )
