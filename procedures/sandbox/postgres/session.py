"""One session: a statement in, rows and a command tag out."""

import re
import sqlite3
from collections.abc import Callable, Sequence

from procedures.sandbox.postgres import functions, views
from procedures.sandbox.postgres.cluster import MAINTENANCE, Cluster, DatabaseError
from procedures.sandbox.postgres.dialect import translated
from procedures.sandbox.postgres.results import Result, run

_NAME = r'"?([\w$-]+)"?'
_WRITING = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "TRUNCATE")
_MAINTAINED = re.compile(
    r"\w+\s*(?:\([^)]*\))?\s*(?:TABLE|INDEX|ANALYZE|VERBOSE|FULL|\s)*(\w+)?", re.IGNORECASE
)
_WITHOUT = (
    (r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\b", r"CREATE \1INDEX"),
    (r"\bDROP\s+INDEX\s+CONCURRENTLY\b", "DROP INDEX"),
    (r"(\bON\s+\w+)\s+USING\s+btree\b", r"\1"),
    (r"\bON\s+COMMIT\s+(?:DROP|PRESERVE\s+ROWS|DELETE\s+ROWS)\b", ""),
)
"""What PostgreSQL says beside what SQLite knows."""


class Session:
    """A connection to one database; DatabaseError tells what the server would refuse.

    Args:
        cluster: The databases.
        database: The one that it is connected to.
        user: Who is connected.
        sessions: Process ids of the service's own connections.
        end_session: Ends one of those; tells whether there was such a one.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        database: str,
        user: str,
        sessions: Sequence[int],
        end_session: Callable[[int], bool],
    ) -> None:
        if not cluster.exists(database):
            raise DatabaseError(f'database "{database}" does not exist')
        self.database = database
        self._cluster = cluster
        self._user = user
        self._sessions = sessions
        self._end_session = end_session
        self._path = ":memory:" if database in MAINTENANCE else str(cluster.path(database))
        self._db = self._opened()

    def execute(self, statement: str) -> Result:
        """Carry out one statement."""
        for pattern, answer in self._by_hand():
            if match := re.fullmatch(pattern, statement.strip(), re.IGNORECASE | re.DOTALL):
                return answer(match)
        return self._ask(statement)

    def _by_hand(self) -> tuple[tuple[str, Callable[[re.Match[str]], Result]], ...]:
        return (
            (rf"CREATE\s+DATABASE\s+{_NAME}(?:\s+.*)?", self._create),
            (
                rf"DROP\s+DATABASE\s+(IF\s+EXISTS\s+)?{_NAME}(\s+WITH\s*\(\s*FORCE\s*\))?",
                self._drop,
            ),
            (rf"ALTER\s+DATABASE\s+{_NAME}\s+RENAME\s+TO\s+{_NAME}", self._rename),
            (
                rf"ALTER\s+DATABASE\s+{_NAME}\s+(?:SET|RESET|OWNER|WITH|ALLOW_CONN|CONN).*",
                self._noted,
            ),
            (r"ALTER\s+SYSTEM\s+SET\s+([\w.]+)\s*(?:=|TO)\s*(.+)", self._set_setting),
            (r"ALTER\s+SYSTEM\s+RESET\s+([\w.]+)", self._reset_setting),
            (r"SHOW\s+([\w.]+)", self._show),
            (r"(VACUUM|ANALYZE|REINDEX|CHECKPOINT)\b.*", self._maintain),
            (r"(SET|RESET|GRANT|REVOKE|COMMENT)\b.*", lambda m: Result(tag=m[1].upper())),
            (r"(BEGIN|COMMIT|ROLLBACK|START\s+TRANSACTION)\b.*", self._transact),
            (r"(LOCK)\b.*", lambda _: Result(tag="LOCK TABLE")),
        )

    def _create(self, match: re.Match[str]) -> Result:
        self._cluster.create(match[1])
        return Result(tag="CREATE DATABASE")

    def _drop(self, match: re.Match[str]) -> Result:
        missing_ok, name, forced = match[1], match[2], match[3]
        self._require_other(name, "drop the currently open database")
        if missing_ok and not self._cluster.exists(name):
            return Result(tag="DROP DATABASE")
        self._cluster.drop(name, sessions=0 if forced else len(self._sessions))
        return Result(tag="DROP DATABASE")

    def _rename(self, match: re.Match[str]) -> Result:
        self._require_other(match[1], "rename the current database", may=False)
        self._cluster.rename(match[1], match[2], sessions=len(self._sessions))
        return Result(tag="ALTER DATABASE")

    def _require_other(self, name: str, what: str, *, may: bool = True) -> None:
        if name == self.database:
            raise DatabaseError(f"cannot {what}" if may else "current database cannot be renamed")

    def _noted(self, match: re.Match[str]) -> Result:
        if not self._cluster.exists(match[1]):
            raise DatabaseError(f'database "{match[1]}" does not exist')
        return Result(tag="ALTER DATABASE")

    def _set_setting(self, match: re.Match[str]) -> Result:
        self._cluster.change_setting(match[1].lower(), match[2].strip().strip("'"))
        return Result(tag="ALTER SYSTEM")

    def _reset_setting(self, match: re.Match[str]) -> Result:
        if match[1].upper() == "ALL":
            self._cluster.reset_settings()
        else:
            self._cluster.change_setting(match[1].lower(), None)
        return Result(tag="ALTER SYSTEM")

    def _show(self, match: re.Match[str]) -> Result:
        name = match[1].lower()
        settings = self._cluster.settings()
        if name not in settings:
            raise DatabaseError(f'unrecognized configuration parameter "{name}"')
        return Result(columns=(name,), rows=[(settings[name],)], tag="SHOW")

    def _maintain(self, match: re.Match[str]) -> Result:
        word = match[1].upper()
        named = _MAINTAINED.fullmatch(match[0].strip())
        if word in {"VACUUM", "ANALYZE"} and named and named[1]:
            self._require_table(named[1])
        if word == "VACUUM" and self._path != ":memory:":
            self._db.execute("VACUUM main")
        return Result(tag=word)

    def _require_table(self, name: str) -> None:
        asked = "SELECT 1 FROM main.sqlite_master WHERE name = ?"
        if self._db.execute(asked, (name,)).fetchone() is None:
            raise DatabaseError(f'relation "{name}" does not exist')

    def _transact(self, match: re.Match[str]) -> Result:
        word = match[1].upper().split()[0]
        if word in {"BEGIN", "START"}:
            self._db.execute("BEGIN")
            return Result(tag="BEGIN")
        if self._db.in_transaction:
            self._db.execute(word)
        return Result(tag=word)

    def _ask(self, statement: str) -> Result:
        first = statement.split()[0].upper()
        if self._cluster.recovery_signal.exists() and first in _WRITING:
            raise DatabaseError(f"cannot execute {first} in a read-only transaction")
        for pattern, replacement in _WITHOUT:
            statement = re.sub(pattern, replacement, statement, flags=re.IGNORECASE)
        return run(self._db, translated(statement), plain=statement)

    def _opened(self) -> sqlite3.Connection:
        """Open the database, each statement for itself unless a transaction is begun."""
        try:
            db = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            views.create(
                db,
                self._cluster,
                database=self.database,
                sessions=self._sessions,
                user=self._user,
            )
        except sqlite3.DatabaseError as error:
            raise DatabaseError(f"the database is damaged: {error}") from error
        functions.install(
            db,
            self._cluster,
            database=self.database,
            user=self._user,
            end_session=self._end_session,
        )
        return db
