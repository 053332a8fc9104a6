"""The Docker adapter against the sandbox."""

from collections.abc import AsyncIterator, Iterator

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox
from procedures.targets.values import Kind
from tests.integration.targets.contract import TargetContract
from tests.integration.targets.sandbox_stand import SandboxStand, sandbox_of, standing

_TWO = ("docker-compose", "up", "-d", "--scale", "llm-config-manager=2", "llm-config-manager")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_of(tmp_path_factory.mktemp("sandbox"), Method.DOCKER, *_TWO) as started:
        yield started


@pytest.fixture
async def stand(sandbox: Sandbox) -> AsyncIterator[SandboxStand]:
    async with standing(sandbox, Kind.COMPOSE_SERVICE) as made:
        yield made


class TestSandboxDockerTarget(TargetContract):
    """The contract; nothing of it is special here."""


async def test_all_services_of_the_project_are_found(stand: SandboxStand) -> None:
    holdings = await stand.target.look()
    names = [each.name for each in holdings.workloads]
    assert names[0] == "llm-config-manager"
    assert {"redis", "postgres", "prometheus"} <= set(names)
    redis = holdings.workload("redis")
    assert redis is not None
    assert redis.units[0].ready is True
