"""Servers that tests of several rooms need."""

from collections.abc import Iterator

import pytest

from tests import control_plane_commands
from tests.control_plane import ControlPlane, running_control_plane
from tests.postgres_server import QUICK, PostgresServer, programs, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL server; skips where it is not installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_server(*QUICK) as server:
        yield server


@pytest.fixture(scope="session")
def control_plane() -> Iterator[ControlPlane]:
    """A real Kubernetes control plane; skips where it was not built."""
    if missing := control_plane_commands.missing():
        pytest.skip(missing)
    with running_control_plane() as plane:
        yield plane
