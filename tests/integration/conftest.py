"""Servers that tests of several rooms need."""

from collections.abc import Iterator

import pytest

from tests.postgres_server import QUICK, PostgresServer, programs, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server; skips where it is not installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_server(*QUICK) as server:
        yield server
