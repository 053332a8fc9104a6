"""The shared ledger while the server or the way to it breaks: recorded once, or not at all."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.errors import LedgerConflictError, LedgerUnreachableError
from procedures.ledger.choose import open_ledger
from procedures.ledger.event import Ledger
from procedures.ledger.outbox import KEPT, Outbox
from procedures.ledger.postgres import line
from procedures.ledger.postgres.appending import BEGIN
from procedures.ledger.postgres.postgres_ledger import PostgresLedger
from procedures.ledger.postgres.schema import grants
from tests.integration.ledger.cutting_proxy import CuttingProxy
from tests.integration.ledger.stores import Store, note
from tests.integration.ledger.test_postgres_ledger import hang_up, listens
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(postgres.port)
    yield proxy
    proxy.close()


@pytest.fixture
def distant(proxy: CuttingProxy, shared: Store, postgres: PostgresServer) -> Iterator[Ledger]:
    """A ledger that is reached through the proxy."""
    address = postgres.address(shared.database, port=proxy.port)
    ledger = open_ledger(Path("unused"), address, clock=SystemClock())
    yield ledger
    ledger.close()


@pytest.mark.parametrize("cut", ["lose_requests", "lose_answers"])
@pytest.mark.parametrize("times", [1, 3])
def test_an_event_is_recorded_once_though_the_way_breaks_while_it_is_committed(
    distant: Ledger, proxy: CuttingProxy, cut: str, times: int
) -> None:
    distant.append(note(n=0))
    setattr(proxy, cut, times)
    recorded = distant.append(note(n=1), after=1)
    assert proxy.lost == (1 if cut == "lose_answers" else times)
    proxy.lose_answers = 0
    assert distant.append(note(n=2), after=2).seq == 3
    assert [event.body["n"] for event in distant.events()] == [0, 1, 2]
    assert distant.events()[1] == recorded
    assert distant.verify().broken_at is None


def test_another_s_event_is_not_taken_for_the_one_that_was_lost(
    distant: Ledger, proxy: CuttingProxy, shared: Store
) -> None:
    other = shared.open()
    proxy.lose_requests, proxy.closes_after_loss = 1, True
    with ThreadPoolExecutor(1) as pool:
        deciding = pool.submit(distant.append, note(text="mine"), after=0)
        assert proxy.cut.wait(30)
        other.append(note(text="theirs"), after=0)
        proxy.closed = proxy.closes_after_loss = False
        with pytest.raises(LedgerConflictError):
            deciding.result(30)
    assert [event.body["text"] for event in other.events()] == ["theirs"]


@pytest.mark.parametrize("cut", ["lose_requests", "lose_answers"])
def test_an_event_in_doubt_is_kept_and_still_recorded_once(
    distant: Ledger,
    proxy: CuttingProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cut: str,
) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    monkeypatch.setattr(line, "REACH_S", 0.5)
    setattr(proxy, cut, 1)
    proxy.closes_after_loss = True
    with pytest.raises(LedgerUnreachableError, match="is not known") as unknown:
        distant.append(note(n=1))
    assert len(unknown.value.doubtful) == 64
    at = SystemClock().now()
    outbox.keep(note(n=1), at, doubtful=unknown.value.doubtful)
    outbox.keep(note(n=2), at)
    with pytest.raises(LedgerUnreachableError) as known:
        outbox.deliver(distant)
    assert not known.value.doubtful
    assert len(outbox.pending()) == 2
    proxy.closed = proxy.closes_after_loss = False
    monkeypatch.undo()
    assert outbox.deliver(distant) == 2
    story = distant.events()
    assert [event.body["n"] for event in story] == [1, 2]
    assert (KEPT in story[0].body) == (cut == "lose_requests")
    assert not outbox.pending()


def test_a_lost_connection_goes_unnoticed(
    team_ledger: PostgresLedger, shared: Store, postgres: PostgresServer
) -> None:
    for number in range(3):
        assert team_ledger.append(note()).seq == number + 1
        hang_up(postgres)
        assert team_ledger.mark().seq == number + 1
        hang_up(postgres)
        assert len(team_ledger.events()) == number + 1
    assert team_ledger.verify().events == 3


def test_a_server_that_is_started_again_is_found_again(
    team_ledger: PostgresLedger, shared: Store, postgres: PostgresServer
) -> None:
    follower = shared.open()
    team_ledger.append(note())
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(follower.wait, 1, 60.0)
        listens(postgres, shared.database)
        postgres.stop()
        try:
            appending = pool.submit(team_ledger.append, note())
        finally:
            postgres.start()
        assert appending.result(60).seq == 2
        assert waiting.result(60)
    assert team_ledger.verify().events == 2


def test_a_server_that_is_away_is_said_to_be_and_nothing_is_recorded(
    team_ledger: PostgresLedger,
    shared: Store,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team_ledger.append(note())
    monkeypatch.setattr(line, "REACH_S", 0.3)
    postgres.stop("fast")
    try:
        with pytest.raises(LedgerUnreachableError, match="cannot be reached") as away:
            team_ledger.append(note())
        assert not away.value.doubtful
        with pytest.raises(LedgerUnreachableError):
            team_ledger.events()
        with pytest.raises(LedgerUnreachableError):
            team_ledger.wait(1, 30.0)
        with pytest.raises(LedgerUnreachableError):
            shared.open()
    finally:
        postgres.start()
    monkeypatch.undo()
    assert team_ledger.append(note()).seq == 2


def test_a_console_that_fell_silent_while_it_recorded_holds_up_the_others_but_not_for_good(
    team_ledger: PostgresLedger, shared: Store, postgres: PostgresServer
) -> None:
    assert shared.address
    script = (
        "import asyncio, asyncpg, os, signal, sys\n"
        "async def main():\n"
        "    connection = await asyncpg.connect(sys.argv[1], password=sys.argv[2])\n"
        "    await connection.execute(sys.argv[3])\n"
        "    print('holds', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGSTOP)\n"
        "asyncio.run(main())\n"
    )
    password = shared.address.password
    assert password
    words = [shared.address.url, password.inline, BEGIN]
    with subprocess.Popen([sys.executable, "-c", script, *words], stdout=subprocess.PIPE) as silent:
        try:
            assert silent.stdout
            assert silent.stdout.readline() == b"holds\n"
            assert team_ledger.append(note()).seq == 1
        finally:
            silent.kill()


def test_rights_that_are_taken_away_in_the_middle_can_be_given_back(
    postgres: PostgresServer, shared: Store, team_ledger: PostgresLedger
) -> None:
    postgres.sql(grants("grace"), shared.database)
    address = postgres.address(shared.database, user="grace")
    ledger = open_ledger(Path("unused"), address, clock=SystemClock())
    ledger.append(note())
    postgres.sql("REVOKE INSERT ON quarterdeck.event FROM grace", shared.database)
    with pytest.raises(LedgerUnreachableError, match="may not be used by this user") as refused:
        ledger.append(note())
    assert 'TO "grace"' in refused.value.fix
    postgres.sql(grants("grace"), shared.database)
    assert ledger.append(note()).seq == 2
    ledger.close()
