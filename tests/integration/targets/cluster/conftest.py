"""The service in a namespace of a real control plane."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.control_plane import ControlPlane
from tests.integration.targets.kubernetes_stand import (
    KubernetesStand,
    deployment,
    furnished,
    standing,
)
from tests.kubelet_api import KubeletApi


@pytest.fixture(scope="module")
def room(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace with the service; a module that wants it otherwise has its own."""
    with furnished(control_plane, deployment()) as room:
        yield room


@pytest.fixture
async def stand(
    control_plane: ControlPlane, kubelet_api: KubeletApi, room: str
) -> AsyncIterator[KubernetesStand]:
    """The service in that namespace, in a test's hands."""
    async with standing(control_plane, kubelet_api, room) as stand:
        yield stand
