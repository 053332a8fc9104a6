"""What the shared ledger costs: one durable event, a walk through all, and news for the others.

The server syncs every commit to this machine's disk, and is on the loopback: whatever the way to a
real one takes comes on top, four times for an append and once for each 2000 events of a walk.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.clock import SystemClock
from procedures.ledger.choose import open_ledger
from procedures.ledger.event import Ledger
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.integration.ledger.test_ledger_benchmark import build, drafts, median_ms
from tests.postgres_server import PostgresServer, programs, running_server

pytestmark = [pytest.mark.benchmark_only, pytest.mark.postgres]

EVENTS = 100_000


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_server() as server:
        yield server


@pytest.fixture(scope="module")
def address(durable: PostgresServer) -> tuple[PostgresServer, str]:
    return durable, durable.database()


def opened(address: tuple[PostgresServer, str]) -> Ledger:
    server, database = address
    return open_ledger(Path("unused"), server.address(database), clock=SystemClock())


@pytest.fixture(scope="module")
def team(
    address: tuple[PostgresServer, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    source = SqliteLedger(
        build(tmp_path_factory.mktemp("source") / "ledger.db", EVENTS), clock=SystemClock()
    )
    ledger = opened(address)
    ledger.adopt(source.records())
    source.close()
    yield ledger
    ledger.close()


def test_a_durable_append_to_the_team_s_ledger(benchmark: BenchmarkFixture, team: Ledger) -> None:
    more = drafts(EVENTS)
    benchmark(lambda: team.append(next(more)))
    median_append_ms = median_ms(lambda: team.append(next(more)), 500)
    benchmark.extra_info["median_ms"] = round(median_append_ms, 2)


def test_the_whole_walk_of_the_team_s_ledger(benchmark: BenchmarkFixture, team: Ledger) -> None:
    whole_ms = benchmark.pedantic(lambda: median_ms(team.verify, 1), rounds=3)  # type: ignore[no-untyped-call]
    per_s = 1000 * team.mark().seq / whole_ms
    benchmark.extra_info["events_per_s"] = round(per_s)


def test_another_console_hears_of_an_event(
    benchmark: BenchmarkFixture, team: Ledger, address: tuple[PostgresServer, str]
) -> None:
    follower = opened(address)
    more = drafts(EVENTS)
    took_ms: list[float] = []

    def heard() -> None:
        seq = follower.mark().seq
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(lambda: follower.wait(seq, 30.0) and perf_counter())
            team.append(next(more))
            recorded = perf_counter()
            took_ms.append(1000 * (waiting.result() - recorded))

    follower.wait(follower.mark().seq, 1.0)
    benchmark.pedantic(heard, rounds=200)  # type: ignore[no-untyped-call]
    follower.close()
    benchmark.extra_info["after_append_ms"] = round(median(took_ms), 2)
    benchmark.extra_info["worst_ms"] = round(max(took_ms), 2)


def test_eight_consoles_record_at_once(
    benchmark: BenchmarkFixture, address: tuple[PostgresServer, str]
) -> None:
    consoles = [opened(address) for _ in range(8)]
    each = [next(drafts(25)) for _ in range(50)]

    def record() -> None:
        with ThreadPoolExecutor(len(consoles)) as pool:
            list(pool.map(lambda console: [console.append(draft) for draft in each], consoles))

    benchmark.pedantic(record, rounds=3)  # type: ignore[no-untyped-call]
    for console in consoles:
        console.close()
