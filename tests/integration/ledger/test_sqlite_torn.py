"""Crashes in the middle of a write: nothing recorded is lost, and what happened is told."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.ledger.event import Draft, Verification
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.ledger.watermark import verify_since_last

PAGE, FRAME_HEADER, LOG_HEADER = 4096, 24, 32
FRAME = FRAME_HEADER + PAGE

ENDLESS_APPENDER = """
import sys
from pathlib import Path
from procedures.clock import SystemClock
from procedures.ledger.event import Draft
from procedures.ledger.sqlite_ledger import SqliteLedger
ledger = SqliteLedger(Path(sys.argv[1]), clock=SystemClock())
while True:
    event = ledger.append(Draft(kind="run.noted", subject="r", environment="e", operator="o",
                                body={"text": "x" * 3000}))
    print(event.seq, flush=True)
"""


def note(text: str = "") -> Draft:
    return Draft(kind="run.noted", subject="r", environment="e", operator="o", body={"text": text})


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def recorded(path: Path, lengths: list[int]) -> list[int]:
    """Record events as a console that is then killed; return the log's size after each."""
    ledger = SqliteLedger(path.with_name("living.db"), clock=SystemClock())
    sizes = []
    for length in lengths:
        ledger.append(note("x" * length))
        sizes.append(log_of(path.with_name("living.db")).stat().st_size)
    shutil.copy(path.with_name("living.db"), path)
    shutil.copy(log_of(path.with_name("living.db")), log_of(path))
    ledger.close()
    return sizes


def reopened(path: Path, watermark: Path) -> Verification:
    ledger = SqliteLedger(path, clock=SystemClock())
    try:
        return verify_since_last(ledger, watermark)
    finally:
        ledger.close()


def test_a_log_cut_off_anywhere_keeps_every_whole_event_and_tells_of_the_torn_one(
    tmp_path: Path,
) -> None:
    sizes = recorded(tmp_path / "ledger.db", [10, 6000, 10, 9000, 100])
    log = log_of(tmp_path / "ledger.db").read_bytes()
    cuts = {sizes[1], *range(sizes[1] + 1, sizes[-1], 509)}
    for edge in range(sizes[1], sizes[-1] + 1, FRAME):
        cuts |= {edge - 1, edge, edge + 1, edge + 15, edge + 16, edge + FRAME_HEADER}
    cuts = {cut for cut in cuts if sizes[1] <= cut <= sizes[-1]}
    assert len(cuts) > 100
    for number, cut in enumerate(sorted(cuts)):
        place = tmp_path / str(number) / "ledger.db"
        place.parent.mkdir()
        shutil.copy(tmp_path / "ledger.db", place)
        log_of(place).write_bytes(log[:cut])
        whole = [size for size in sizes if size <= cut]
        found = reopened(place, place.with_name("ledger.verified"))
        assert (found.events, found.broken_at) == (len(whole), None), cut
        torn = cut - whole[-1]
        assert found.notice.startswith(f"{torn} bytes of a write that a crash cut off") == (
            torn > 0
        ), cut
        assert not reopened(place, place.with_name("ledger.verified")).notice, cut


@pytest.mark.parametrize("back", [1, 2000, PAGE, FRAME - 1, FRAME + 100])
def test_a_last_event_that_reached_the_disk_only_in_part_is_discarded_and_told(
    tmp_path: Path, back: int
) -> None:
    path = tmp_path / "ledger.db"
    sizes = recorded(path, [10, 10, 9000])
    log = bytearray(log_of(path).read_bytes())
    log[sizes[-1] - back] ^= 0xFF
    log_of(path).write_bytes(log)
    found = reopened(path, tmp_path / "ledger.verified")
    assert (found.events, found.broken_at) == (2, None)
    assert found.notice.startswith(f"{sizes[2] - sizes[1]} bytes of a write")


def test_frames_that_an_earlier_round_of_the_log_left_are_nothing_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    living = tmp_path / "living.db"
    ledger = SqliteLedger(living, clock=SystemClock())
    for _ in range(5):
        ledger.append(note("x" * 9000))
    ledger._connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    ledger.append(note())
    shutil.copy(living, path)
    shutil.copy(log_of(living), log_of(path))
    ledger.close()
    found = reopened(path, tmp_path / "ledger.verified")
    assert (found.events, found.broken_at, found.notice) == (6, None, "")


def test_a_header_that_was_torn_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    recorded(path, [10])
    shutil.copy(tmp_path / "living.db", path)
    log_of(path).write_bytes(log_of(path).read_bytes()[: LOG_HEADER // 2])
    found = reopened(path, tmp_path / "ledger.verified")
    assert (found.events, found.broken_at) == (1, None)
    assert found.notice.startswith("16 bytes")


def test_a_process_killed_at_any_moment_loses_no_event_that_it_had_recorded(
    tmp_path: Path,
) -> None:
    path, watermark = tmp_path / "ledger.db", tmp_path / "ledger.verified"
    told = 0
    for life in range(25):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_APPENDER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(1 + 5 * life):
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines()
        process.wait(30)
        process.stdout.close()
        told = int(rest[-1]) if rest else told
        found = reopened(path, watermark)
        assert found.broken_at is None
        ledger = SqliteLedger(path, clock=SystemClock())
        # The one after it may have been recorded without its process having come to say so.
        assert ledger.mark().seq in {told, told + 1}
        assert ledger.verify().broken_at is None
        ledger.close()


def test_an_event_that_was_verified_and_is_gone_is_told_at_every_start(tmp_path: Path) -> None:
    path, watermark = tmp_path / "ledger.db", tmp_path / "ledger.verified"
    ledger = SqliteLedger(path, clock=SystemClock())
    for _ in range(98):
        ledger.append(note())
    older = sqlite3.connect(tmp_path / "older.db")
    ledger._connection.backup(older)
    older.close()
    for _ in range(2):
        ledger.append(note())
    assert verify_since_last(ledger, watermark).events == 100
    ledger.close()
    (tmp_path / "older.db").replace(path)
    for _ in range(2):
        found = reopened(path, watermark)
        assert found.broken_at == 99
        assert found.problem == (
            "the newest events are missing: 100 was verified, the ledger ends at 98"
        )
