"""Real backends of the targets."""

from collections.abc import Iterator

import pytest

from tests import systemd_box as systemd


@pytest.fixture(scope="session")
def systemd_box() -> Iterator[systemd.SystemdBox]:
    """A systemd of its own; skips where none can be booted."""
    if missing := systemd.why_absent():
        pytest.skip(missing)
    with systemd.running_box() as box:
        yield box
