"""A namespace of a real control plane is watched and acted on."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.control_plane import ControlPlane
from tests.integration.targets.contract import TargetContract
from tests.integration.targets.kubernetes_stand import (
    IMAGE,
    SERVICE,
    KubernetesStand,
    apply,
    deployment,
    rolled,
)
from tests.kubelet_api import KubeletApi

pytestmark = pytest.mark.kubernetes


@pytest.fixture(scope="module")
def room(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace with the service in its second revision."""
    room = control_plane.namespace()
    apply(control_plane, room, deployment(image=f"{IMAGE}-old"))
    rolled(control_plane, room)
    apply(control_plane, room, deployment())
    rolled(control_plane, room)
    yield room
    control_plane.kubectl("delete", "namespace", room, "--wait=false")


@pytest.fixture
async def stand(
    control_plane: ControlPlane, kubelet_api: KubeletApi, room: str
) -> AsyncIterator[KubernetesStand]:
    stand = KubernetesStand(control_plane, kubelet_api, room)
    yield stand
    await stand.target.aclose()


class TestContract(TargetContract):
    """What every target does."""


def test_the_service_has_a_name() -> None:
    assert SERVICE
