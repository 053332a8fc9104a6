"""The sandbox, posing as systemd, answers the adapter as a real one does."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Method
from procedures.sandbox.control_client import connect
from procedures.sandbox.launcher import Sandbox, start
from procedures.sandbox.pace import Pace
from procedures.sandbox.state_dir import StateDir
from procedures.targets.build import targets_for
from procedures.targets.target import LogQuery, Target
from procedures.targets.values import Kind, Phase
from procedures.targets.variables import step_variables
from tests.integration.targets.contract import TargetContract, read

FAST = Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=1.0)
REPLICA = "llm-config-manager-1"


class SandboxStand:
    """The service of a sandbox: three workers of one unit."""

    kind = Kind.UNIT
    scales = False
    rolls_back = False
    file = "/etc/os-release"

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._control = connect(StateDir(folder))
        self.variables: Mapping[str, str] = step_variables(sandbox.environment, {})
        (self._shims,) = sandbox.environment.step_path
        self.target: Target = targets_for(sandbox.environment, SystemClock())[0]

    async def write(self, text: str) -> None:
        level, _, rest = text.partition(" ")
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log = self._shims.parent / "logs" / f"{REPLICA}.log"
        with log.open("a") as file:
            file.write(f"{moment} {level} test {rest}\n")

    async def crash(self) -> None:
        await self._sandbox.inject("replica-crash")
        await self._sandbox.cure("replica-crash")

    async def break_off(self) -> None:
        self._shims.rename(self._shims.with_suffix(".hidden"))

    async def mend(self) -> None:
        self._shims.with_suffix(".hidden").rename(self._shims)


@contextmanager
def running(folder: Path) -> Iterator[Sandbox]:
    sandbox = asyncio.run(start(folder, method=Method.SYSTEMD, pace=FAST))
    try:
        yield sandbox
    finally:
        asyncio.run(sandbox.stop())


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxStand]:
    folder = tmp_path_factory.mktemp("sandbox")
    with running(folder) as sandbox:
        yield SandboxStand(sandbox, folder)


class TestSandboxAsSystemd(TargetContract):
    pass


async def test_it_has_the_units_that_the_documents_name(stand: SandboxStand) -> None:
    names = [each.name for each in (await stand.target.look()).workloads]
    assert names == [
        *("llm-config-manager", "llm-config-backup", "llm-config-backup.timer"),
        *("llm-config-cleanup", "llm-config-cleanup.timer"),
        *("llm-config-healthcheck", "llm-config-healthcheck.timer"),
        *("postgresql", "redis"),
    ]


async def test_its_timers_ran_and_will_run(stand: SandboxStand) -> None:
    for each in (await stand.target.look()).workloads:
        if each.kind is Kind.TIMER:
            (timer,) = each.units
            assert timer.phase is Phase.WAITING
            assert timer.last_run_at
            assert timer.next_run_at
            assert timer.last_run_at <= datetime.now(UTC) < timer.next_run_at


async def test_the_life_before_is_not_kept(stand: SandboxStand) -> None:
    service = (await stand.target.look()).workloads[0].units[0]
    assert not await read(stand.target, service, LogQuery(previous=True))
