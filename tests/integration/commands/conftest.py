"""What the tests of commands share."""

from pathlib import Path

import pytest

from tests.integration.commands.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A home with settings and without documents."""
    return Workshop(tmp_path)
