from collections.abc import AsyncIterator

import pytest

from tests.integration.signals.misbehaving import MisbehavingServer, misbehaving_server


@pytest.fixture
async def server() -> AsyncIterator[MisbehavingServer]:
    """A server on loopback that answers as the test wants."""
    async with misbehaving_server() as running:
        yield running
