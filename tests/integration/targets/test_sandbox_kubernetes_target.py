"""The Kubernetes adapter against the sandbox."""

from collections.abc import AsyncIterator, Iterator

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox
from procedures.targets.values import Kind
from tests.integration.targets.contract import TargetContract
from tests.integration.targets.sandbox_stand import SandboxStand, sandbox_of, standing

_TWO_REVISIONS = (
    "kubectl -n llm-config scale deployment/llm-config-manager --replicas=2"
    " && kubectl -n llm-config rollout restart deployment/llm-config-manager"
    " && kubectl -n llm-config rollout status deployment/llm-config-manager --timeout=20s"
)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sandbox")
    with sandbox_of(folder, Method.KUBERNETES, "sh", "-c", _TWO_REVISIONS) as started:
        yield started


@pytest.fixture
async def stand(sandbox: Sandbox) -> AsyncIterator[SandboxStand]:
    async with standing(sandbox, Kind.DEPLOYMENT) as made:
        yield made


class TestSandboxKubernetesTarget(TargetContract):
    """The contract; nothing of it is special here."""


async def test_nothing_that_the_adapter_asks_for_is_missing(stand: SandboxStand) -> None:
    holdings = await stand.target.look()
    assert not holdings.missing
    service = holdings.workloads[0]
    assert (service.least, service.most) == (3, 10)
    assert service.spare is not None
    assert {each.name for each in holdings.workloads} == {
        "llm-config-manager",
        "postgres",
        "redis",
    }
    assert all(unit.use.memory_bytes for unit in service.units)
