"""The server's own views, as temporary tables of a session."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from procedures.sandbox.postgres.cluster import MAINTENANCE, OWNER, SETTINGS, Cluster
from procedures.sandbox.postgres.functions import OWN_PID

_ACTIVITY = (
    "datname pid usename application_name client_addr backend_start xact_start query_start "
    "state_change wait_event_type wait_event state query backend_type leader_pid datid"
)
_ARCHIVER = (
    "archived_count last_archived_wal last_archived_time failed_count last_failed_wal "
    "last_failed_time stats_reset"
)
_DATABASE = (
    "datname numbackends xact_commit xact_rollback blks_read blks_hit tup_returned tup_fetched "
    "tup_inserted tup_updated tup_deleted conflicts temp_files temp_bytes deadlocks stats_reset"
)
_USER_TABLES = (
    "schemaname relname seq_scan seq_tup_read idx_scan idx_tup_fetch n_tup_ins n_tup_upd "
    "n_tup_del n_live_tup n_dead_tup last_vacuum last_autovacuum last_analyze last_autoanalyze "
    "vacuum_count relid"
)
_USER_INDEXES = "schemaname relname indexrelname idx_scan idx_tup_read idx_tup_fetch indexrelid"
_LOCKS = "locktype database relation pid mode granted"
_REPLICATION = "pid usename client_addr state sent_lsn write_lsn flush_lsn replay_lsn sync_state"
_INDEXES = "schemaname tablename indexname indexdef"
_RELATION = "relname relkind relpages reltuples oid relnamespace"


def create(
    db: sqlite3.Connection, cluster: Cluster, *, database: str, sessions: Sequence[int], user: str
) -> None:
    """Create the views in ``db`` as they are at this moment."""
    now = datetime.now(UTC)
    own = ("active", "SELECT", "client backend")
    idle = ("idle", "SELECT * FROM configs WHERE namespace = $1 AND key = $2", "client backend")
    rows = [
        _session("llm_config", pid, OWNER, "llm-config-manager", now, *idle) for pid in sessions
    ]
    rows.append(_session(database, OWN_PID, user, "psql", now, *own))
    _table(db, "pg_stat_activity", _ACTIVITY, rows)
    wal = "000000010000000000000002"
    archived = (2, wal, _text(now, 0.001), 0, None, None, _text(now, 2))
    _table(db, "pg_stat_archiver", _ARCHIVER, [archived])
    names = [*MAINTENANCE, *cluster.names()]
    _table(
        db,
        "pg_database",
        "datname datdba datistemplate datallowconn datconnlimit oid encoding",
        [(name, 10, _t(name.startswith("template")), "t", -1, 5, 6) for name in names],
    )
    _table(
        db,
        "pg_stat_database",
        _DATABASE,
        [
            (n, *(len(sessions), 91_203, 11, 1_204, 811_207, 5, 4, 3, 2, 1), *([0] * 4), None)
            for n in names
        ],
    )
    settings = cluster.settings()
    _table(
        db,
        "pg_settings",
        "name setting unit category source pending_restart context",
        [(n, settings[n], None, "sandbox", "default", "f", "sighup") for n in sorted(SETTINGS)],
    )
    _table(db, "pg_locks", _LOCKS, [])
    _table(db, "pg_stat_replication", _REPLICATION, [])
    _table(db, "pg_replication_slots", "slot_name slot_type active restart_lsn", [])
    _table(
        db,
        "pg_roles",
        "rolname rolsuper rolcanlogin rolreplication rolconnlimit rolvaliduntil",
        [(OWNER, "t", "t", "t", -1, None), ("postgres", "t", "t", "t", -1, None)],
    )
    _of_tables(db, now)


def _of_tables(db: sqlite3.Connection, now: datetime) -> None:
    tables = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    statistics = []
    for name in tables:
        (count,) = db.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608
        at = _text(now, 0.2)
        counts = (3, 3 * count, 8_120, 8_120, count, 4, 1, count, 0)
        statistics.append(("public", name, *counts, None, at, None, at, 1, 16_384))
    _table(db, "pg_stat_user_tables", _USER_TABLES, statistics)
    _table(db, "pg_stat_all_tables", _USER_TABLES, statistics)
    _table(
        db, "pg_tables", "schemaname tablename tableowner", [("public", n, OWNER) for n in tables]
    )
    _table(
        db,
        "information_schema_tables",
        "table_catalog table_schema table_name table_type",
        [("", "public", n, "BASE TABLE") for n in tables],
    )
    columns = [
        ("public", table, row[1], row[2].lower() or "text", row[0] + 1)
        for table in tables
        for row in db.execute(f'PRAGMA table_info("{table}")')
    ]
    head = "table_schema table_name column_name data_type ordinal_position"
    _table(db, "information_schema_columns", head, columns)
    indexes = list(
        db.execute(
            "SELECT tbl_name, name, coalesce(sql, '') FROM sqlite_master WHERE type = 'index'"
        )
    )
    _table(db, "pg_indexes", _INDEXES, [("public", *row) for row in indexes])
    _table(
        db,
        "pg_stat_user_indexes",
        _USER_INDEXES,
        [("public", table, name, 8_120, 8_120, 8_120, 16_385) for table, name, _ in indexes],
    )
    _table(
        db,
        "pg_class",
        _RELATION,
        [(n, "r", 4, 100.0, 16_384, 2_200) for n in tables]
        + [(n, "i", 2, 100.0, 16_385, 2_200) for _, n, _ in indexes],
    )
    _table(
        db, "pg_index", "indexrelid indrelid indisvalid indisunique", [(16_385, 16_384, "t", "t")]
    )


def _session(
    database: str, pid: int, user: str, program: str, now: datetime, *rest: str
) -> tuple[object, ...]:
    state, query, kind = rest
    since = _text(now, 0.0001)
    waits = ("Client", "ClientRead") if state == "idle" else (None, None)
    begun = None if state == "idle" else since
    times = (_text(now, 1.5), begun, since, since)
    return (database, pid, user, program, "172.28.0.5", *times, *waits, state, query, kind, None, 5)


def _table(
    db: sqlite3.Connection, name: str, columns: str, rows: Sequence[tuple[object, ...]]
) -> None:
    names = columns.split()
    db.execute(f"CREATE TEMP TABLE {name} ({', '.join(names)})")
    marks = ", ".join("?" * len(names))
    db.executemany(f"INSERT INTO temp.{name} VALUES ({marks})", rows)  # noqa: S608


def _text(now: datetime, days_ago: float = 0.0) -> str:
    return (now - timedelta(days=days_ago)).strftime("%Y-%m-%d %H:%M:%S.%f+00")


def _t(value: bool) -> str:
    return "t" if value else "f"
