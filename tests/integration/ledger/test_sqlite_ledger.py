"""The SQLite ledger against real files, real processes and real damage."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.errors import LedgerError
from procedures.ledger import schema
from procedures.ledger.event import Draft
from procedures.ledger.sqlite_ledger import SqliteLedger

APPENDER = """
import sys
from pathlib import Path
from procedures.clock import SystemClock
from procedures.ledger.chain import START
from procedures.ledger.event import Draft, Mark
from procedures.ledger.sqlite_ledger import SqliteLedger
ledger = SqliteLedger(Path(sys.argv[1]), clock=SystemClock())
for n in range(int(sys.argv[3])):
    ledger.append(Draft(kind="run.noted", subject=sys.argv[2], environment="e",
                        operator="o", body={"n": n}))
"""


def note(subject: str = "run-1", kind: str = "run.noted", **body: object) -> Draft:
    return Draft(kind=kind, subject=subject, environment="staging", operator="ada", body=body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(path, clock=SystemClock())
    yield ledger
    ledger.close()


def tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_only_the_owner_can_read_the_ledger(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(note())
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET operator = 'nobody' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 2",
        "INSERT OR REPLACE INTO event VALUES (1, '', '', '', '', '', '', '', '')",
        "INSERT INTO event VALUES (9, '', '', '', '', '', '', '', '')",
    ],
)
def test_the_file_itself_refuses_to_rewrite_its_past(
    ledger: SqliteLedger, path: Path, statement: str
) -> None:
    ledger.append(note())
    ledger.append(note())
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        tamper(path, statement)
    assert ledger.verify().broken_at is None


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE event SET operator = 'nobody' WHERE seq = 3", 3),
        ("UPDATE event SET body = x'ff00' WHERE seq = 2", 2),
        ("UPDATE event SET body = 'no json' WHERE seq = 4", 4),
        ("DELETE FROM event WHERE seq = 1", 2),
    ],
)
def test_verify_names_the_first_event_that_was_tampered_with(
    ledger: SqliteLedger, path: Path, statement: str, broken_at: int
) -> None:
    for _ in range(5):
        ledger.append(note())
    tamper(
        path,
        "DROP TRIGGER event_keeps_its_past",
        "DROP TRIGGER event_is_never_removed",
        statement,
    )
    verification = ledger.verify()
    assert verification.broken_at == broken_at
    assert verification.problem


def test_a_full_disk_is_said_plainly_and_loses_nothing(ledger: SqliteLedger) -> None:
    ledger.append(note())
    (pages,) = ledger._connection.execute("PRAGMA page_count").fetchone()
    ledger._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LedgerError, match="the disk is full"):
        ledger.append(note(text="x" * 100_000))
    assert ledger.verify().events == 1
    ledger._connection.execute("PRAGMA max_page_count = 100000")
    assert ledger.append(note()).seq == 2


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    with pytest.raises(LedgerError, match=r"state/ledger\.db cannot be written"):
        SqliteLedger(tmp_path / "state" / "ledger.db", clock=SystemClock())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to a read-only directory")
def test_a_read_only_directory_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(LedgerError, match="cannot be written"):
        SqliteLedger(tmp_path / "ledger.db", clock=SystemClock())


def test_a_file_that_is_no_ledger_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear diary, this is not a database, but long enough to be read as one. " * 20)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="is not a ledger"):
        SqliteLedger(path, clock=SystemClock())
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    tamper(path, "CREATE TABLE bookmark (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="a database, but not a ledger"):
        SqliteLedger(path, clock=SystemClock())
    assert path.read_bytes() == before


def test_reading_only_does_not_create_a_ledger(path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger"):
        SqliteLedger(path, clock=SystemClock(), read_only=True)
    assert not path.parent.exists()


def test_open_stories_are_found_without_reading_the_events(ledger: SqliteLedger) -> None:
    looked_at: list[str] = []
    ledger._connection.set_trace_callback(looked_at.append)
    ledger.unfinished("staging", opened=("run.started",), ended=("run.ended",))
    ledger._connection.set_trace_callback(None)
    plan = str(ledger._connection.execute(f"EXPLAIN QUERY PLAN {looked_at[0]}").fetchall())
    assert "COVERING INDEX event_by_kind" in plan


VERSION_1 = (
    "DROP INDEX event_by_kind",
    "CREATE INDEX event_by_kind ON event (kind, seq)",
    "PRAGMA user_version = 1",
)


def test_a_ledger_of_version_1_is_read_as_it_is(ledger: SqliteLedger, path: Path) -> None:
    ledger.append(note("run-1", "run.started"))
    ledger.close()
    tamper(path, *VERSION_1)
    reader = SqliteLedger(path, clock=SystemClock(), read_only=True)
    assert list(reader.unfinished("staging", opened=["run.started"], ended=[])) == ["run-1"]
    assert schema.version(reader._connection) == 1
    reader.close()


def test_a_ledger_of_version_1_is_brought_up_to_date_beside_a_console_that_uses_it(
    ledger: SqliteLedger, path: Path
) -> None:
    tamper(path, *VERSION_1)
    ledger.append(note())
    newer = SqliteLedger(path, clock=SystemClock())
    ledger.append(note())
    newer.append(note())
    assert newer.verify().events == 3
    assert schema.version(newer._connection) == schema.VERSION
    columns = newer._connection.execute("PRAGMA index_info(event_by_kind)").fetchall()
    assert [name for _, _, name in columns] == ["kind", "environment", "subject"]
    newer.close()


def test_opening_a_ledger_twice_in_a_process_keeps_the_locks_of_the_first(
    ledger: SqliteLedger, path: Path
) -> None:
    """Else another process would take itself for the last one and remove the log in use."""
    ledger.append(note())
    SqliteLedger(path, clock=SystemClock()).close()
    subprocess.run([sys.executable, "-c", APPENDER, str(path), "run-2", "1"], check=True)
    assert path.with_name("ledger.db-wal").exists()
    ledger.append(note())
    another = SqliteLedger(path, clock=SystemClock())
    assert another.verify().events == 3
    another.close()
