"""Real backends of the targets."""

from collections.abc import Iterator

import pytest

from tests import systemd_box as systemd
from tests.control_plane import ControlPlane
from tests.kubelet_api import KubeletApi, running_kubelet_api


@pytest.fixture(scope="session")
def systemd_box() -> Iterator[systemd.SystemdBox]:
    """A systemd of its own; skips where none can be booted."""
    if missing := systemd.why_absent():
        pytest.skip(missing)
    with systemd.running_box() as box:
        yield box


@pytest.fixture(scope="session")
def kubelet_api(
    control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KubeletApi]:
    """Logs and programs of the containers that the control plane's node plays."""
    with (
        control_plane.client() as admin,
        running_kubelet_api(tmp_path_factory.mktemp("kubelet"), admin) as api,
    ):
        yield api
