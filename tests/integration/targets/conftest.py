"""Real backends of the targets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import systemd_box as systemd
from tests.control_plane import ControlPlane
from tests.docker_engine import DockerEngine
from tests.integration.targets.docker_stand import DockerStand, running_stand
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


@pytest.fixture(scope="session")
def docker_stand(
    docker_engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DockerStand]:
    """A compose project of the service with two containers, a cache and a database."""
    with running_stand(docker_engine, tmp_path_factory.mktemp("project")) as stand:
        yield stand


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """The variables of an operator on a machine without any tool and any file."""
    (tmp_path / "bin").mkdir()
    return {
        "PATH": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "DOCKER_HOST": f"unix://{tmp_path}/docker.sock",
    }
