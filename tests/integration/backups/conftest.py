"""What the tests of backups share."""

from pathlib import Path

import pytest

from tests.integration.backups.depot_of_files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A directory without backups."""
    return Files(tmp_path)
