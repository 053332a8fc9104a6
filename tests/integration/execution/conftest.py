"""What the tests of walks share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.execution.desk import Desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path / "state")
    yield desk
    desk.ledger.close()
