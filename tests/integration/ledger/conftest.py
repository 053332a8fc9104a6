"""Ledgers in files and in a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.ledger.event import Ledger
from procedures.ledger.postgres.postgres_ledger import PostgresLedger
from tests.integration.ledger.stores import Store
from tests.postgres_server import PostgresServer


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of either kind."""
    store = Store(tmp_path / "state" / "ledger.db")
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        store = Store(store.path, server, server.database())
    yield store
    store.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    """A console's ledger."""
    return store.open()


@pytest.fixture
def shared(postgres: PostgresServer, tmp_path: Path) -> Iterator[Store]:
    """An empty store in the server."""
    store = Store(tmp_path / "state" / "ledger.db", postgres, postgres.database())
    yield store
    store.close()


@pytest.fixture
def team_ledger(shared: Store) -> PostgresLedger:
    """A console's ledger in the server."""
    ledger = shared.open()
    assert isinstance(ledger, PostgresLedger)
    return ledger
