"""What a million events cost: at a start, when one is recorded, and when all are verified."""

import sqlite3
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.clock import SystemClock
from procedures.execution.run.run_turns import ENDED, OPENED
from procedures.ledger.chain import GENESIS, Record, seal
from procedures.ledger.event import Draft, Mark
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.ledger.watermark import verify_since_last, verify_whole

pytestmark = pytest.mark.benchmark_only

EVENTS = 1_000_000
PER_RUN = 25
BEGUN = datetime(2025, 1, 1, tzinfo=UTC)
OPEN_RUNS = 3
OUTPUT = "Restarting llm-config-manager-api-1 ... done\n" * 4


def drafts(count: int) -> Iterator[Draft]:
    """Yield runs of twelve steps one after the other; the last few have not ended."""
    runs = count // PER_RUN
    for run in range(runs):
        subject = f"rolling-restart-{BEGUN + timedelta(minutes=9 * run):%Y%m%dT%H%M%SZ}-{run:06x}"
        for place in range(PER_RUN):
            kind, body = step_event(place)
            if place == PER_RUN - 1 and run >= runs - OPEN_RUNS:
                kind, body = "run.noted", {"text": "waiting for the second shift"}
            yield Draft(
                kind=kind, subject=subject, environment="production", operator="ada", body=body
            )


def step_event(place: int) -> tuple[str, dict[str, object]]:
    if place == 0:
        steps = [{"id": f"step-{n}", "title": f"Look after part {n}"} for n in range(12)]
        return "run.started", {"procedure": "rolling-restart", "inputs": {}, "steps": steps}
    if place == PER_RUN - 1:
        return "run.completed", {"summary": "all steps passed"}
    step, ends = divmod(place - 1, 2)
    if ends:
        return "step.finished", {"step": f"step-{step}", "exit_status": 0, "output": OUTPUT}
    return "step.started", {"step": f"step-{step}", "command": "docker-compose restart api"}


def records(count: int) -> Iterator[Record]:
    previous_hash = GENESIS
    for seq, draft in enumerate(drafts(count), start=1):
        at = BEGUN + timedelta(seconds=21.6 * seq)
        record = seal(draft, seq=seq, at=at, previous_hash=previous_hash)
        yield record
        previous_hash = record.hash


def build(path: Path, count: int) -> Path:
    """Write a ledger of ``count`` events, faster than durably one by one."""
    SqliteLedger(path, clock=SystemClock()).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?)", records(count))
    connection.execute("COMMIT")
    connection.close()
    return path


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build(tmp_path_factory.mktemp("million") / "ledger.db", EVENTS)
    ledger = SqliteLedger(path, clock=SystemClock())
    near = next(ledger.records(after_seq=EVENTS - PER_RUN - 1))
    watermark = path.with_name("ledger.verified")
    watermark.write_text(f'{{"seq": {near.seq}, "hash": "{near.hash}"}}')
    ledger.close()
    return path


def start(path: Path) -> tuple[int, int]:
    """Do what a console does with the record when it starts."""
    ledger = SqliteLedger(path, clock=SystemClock())
    found = verify_since_last(ledger, path.with_name("ledger.verified"))
    assert found.broken_at is None
    unfinished = ledger.unfinished("production", opened=OPENED, ended=ENDED)
    ledger.close()
    return found.events, len(unfinished)


def median_ms(action: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = perf_counter()
        action()
        times.append(1000 * (perf_counter() - begun))
    return statistics.median(times)


def test_a_start_with_a_million_events_is_hardly_slower_than_with_none(
    benchmark: BenchmarkFixture, million: Path, tmp_path: Path
) -> None:
    watermark = million.with_name("ledger.verified")
    since = watermark.read_text()
    assert start(million) == (PER_RUN, OPEN_RUNS)
    watermark.write_text(since)
    benchmark(start, million)
    with_none_ms = median_ms(lambda: start(tmp_path / "ledger.db"), 9)
    more_ms = median_ms(lambda: start(million), 9) - with_none_ms
    benchmark.extra_info["more_ms"] = round(more_ms, 1)
    assert more_ms < 200


def test_a_durable_append_to_a_million(benchmark: BenchmarkFixture, million: Path) -> None:
    ledger = SqliteLedger(million, clock=SystemClock())
    more = drafts(EVENTS)
    benchmark(lambda: ledger.append(next(more)))
    median = median_ms(lambda: ledger.append(next(more)), 500)
    benchmark.extra_info["median_ms"] = round(median, 2)
    ledger.close()
    assert median < 5


def test_the_whole_walk_of_a_million(benchmark: BenchmarkFixture, million: Path) -> None:
    ledger = SqliteLedger(million, clock=SystemClock())
    noted = million.with_name("whole.verified")
    whole_ms = benchmark(lambda: median_ms(lambda: verify_whole(ledger, noted), 1))
    benchmark.extra_info["events_per_s"] = round(1000 * ledger.mark().seq / whole_ms)
    found = verify_since_last(ledger, noted)
    ledger.close()
    assert (found.events, found.broken_at) == (0, None)


def test_the_story_of_one_run_among_a_million(benchmark: BenchmarkFixture, million: Path) -> None:
    ledger = SqliteLedger(million, clock=SystemClock())
    run = next(ledger.records(after_seq=EVENTS // 2)).subject
    story = benchmark(lambda: ledger.events(subject=run))
    ledger.close()
    assert len(story) == PER_RUN


def test_a_place_near_the_end_of_a_million(benchmark: BenchmarkFixture, million: Path) -> None:
    ledger = SqliteLedger(million, clock=SystemClock())
    near = next(ledger.records(after_seq=EVENTS - 1000))
    since = Mark(seq=near.seq, hash=near.hash)
    found = benchmark(lambda: ledger.verify(since=since))
    ledger.close()
    assert found.broken_at is None
