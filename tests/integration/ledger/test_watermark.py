"""What was verified before is not walked again, and is not forgotten either."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.ledger.event import Draft, Mark
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.ledger.watermark import noted, verify_since_last, verify_whole


def note(text: str = "") -> Draft:
    return Draft(kind="run.noted", subject="r", environment="e", operator="o", body={"text": text})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(tmp_path / "ledger.db", clock=SystemClock())
    for _ in range(5):
        ledger.append(note())
    yield ledger
    ledger.close()


@pytest.fixture
def watermark(tmp_path: Path) -> Path:
    return tmp_path / "ledger.verified"


def tamper(ledger: SqliteLedger, statement: str) -> None:
    connection = sqlite3.connect(ledger._path, isolation_level=None)
    for (trigger,) in connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(statement)
    connection.close()


def test_only_what_came_since_is_walked(ledger: SqliteLedger, watermark: Path) -> None:
    assert verify_since_last(ledger, watermark).events == 5
    assert verify_since_last(ledger, watermark).events == 0
    ledger.append(note())
    assert verify_since_last(ledger, watermark).events == 1
    assert noted(watermark) == ledger.mark()
    assert watermark.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in watermark.parent.glob(".*")] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"seq": 5, "ha',
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"seq": "5", "hash": "x"}',
        b'{"seq": true, "hash": "' + b"0" * 64 + b'"}',
        b'{"seq": 99999999999999999999999, "hash": "' + b"0" * 64 + b'"}',
        b'{"seq": 5, "hash": 5}',
        b"[" * 2000,
    ],
)
def test_a_note_that_is_torn_or_nonsense_means_that_everything_is_walked(
    ledger: SqliteLedger, watermark: Path, content: bytes
) -> None:
    watermark.write_bytes(content)
    assert verify_since_last(ledger, watermark).events == 5
    assert noted(watermark) == ledger.mark()


def test_a_note_that_cannot_be_kept_costs_only_time(ledger: SqliteLedger, watermark: Path) -> None:
    nowhere = watermark / "missing" / "ledger.verified"
    assert verify_since_last(ledger, nowhere).events == 5
    assert verify_since_last(ledger, nowhere).events == 5


def test_what_was_altered_behind_the_note_is_found_at_every_start(
    ledger: SqliteLedger, watermark: Path
) -> None:
    verify_since_last(ledger, watermark)
    for _ in range(3):
        ledger.append(note())
    tamper(ledger, "UPDATE event SET operator = 'nobody' WHERE seq = 7")
    for _ in range(2):
        found = verify_since_last(ledger, watermark)
        assert (found.events, found.broken_at) == (1, 7)


def test_a_history_that_was_written_anew_is_found_though_it_holds(
    ledger: SqliteLedger, watermark: Path, tmp_path: Path
) -> None:
    verify_since_last(ledger, watermark)
    forged = SqliteLedger(tmp_path / "forged.db", clock=SystemClock())
    for _ in range(6):
        forged.append(note("forged"))
    assert forged.verify().broken_at is None
    assert verify_since_last(forged, watermark).broken_at == 5
    found = verify_whole(forged, watermark)
    assert (found.events, found.broken_at) == (4, 5)
    assert found.problem == "it is not the event that was verified here before"
    assert verify_whole(forged, watermark, accept=True).broken_at is None
    assert verify_since_last(forged, watermark).broken_at is None
    forged.close()


def test_a_whole_walk_finds_what_lies_before_the_note(
    ledger: SqliteLedger, watermark: Path
) -> None:
    verify_since_last(ledger, watermark)
    tamper(ledger, "UPDATE event SET operator = 'nobody' WHERE seq = 2")
    assert verify_since_last(ledger, watermark).broken_at is None
    assert verify_whole(ledger, watermark).broken_at == 2


def test_a_whole_walk_tells_of_each_event_that_it_passes(
    ledger: SqliteLedger, watermark: Path
) -> None:
    passed: list[int] = []
    verify_whole(ledger, watermark, passed=passed.append)
    assert passed == [1, 2, 3, 4, 5]


def test_a_row_in_front_of_the_first_event_is_found(ledger: SqliteLedger, watermark: Path) -> None:
    tamper(ledger, "INSERT INTO event VALUES (-7, '', '', '', '', '', '', '', '')")
    assert verify_since_last(ledger, watermark).broken_at == -7
    assert verify_whole(ledger, watermark).broken_at == -7


def test_the_end_of_an_empty_ledger_is_not_noted(tmp_path: Path, watermark: Path) -> None:
    ledger = SqliteLedger(tmp_path / "empty.db", clock=SystemClock())
    assert verify_since_last(ledger, watermark).broken_at is None
    assert noted(watermark) is None
    ledger.close()


def test_a_note_says_position_and_hash(ledger: SqliteLedger, watermark: Path) -> None:
    verify_since_last(ledger, watermark)
    event = ledger.events()[-1]
    assert noted(watermark) == Mark(seq=5, hash=event.hash)
