"""What checks ask of an environment's deployments, answered where the thing in question lives."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from procedures.clock import Clock
from procedures.environment import Environment, Method
from procedures.errors import SourceError
from procedures.targets import inside, this_machine
from procedures.targets.target import LogQuery, Target
from procedures.targets.values import Holdings, Kind, Place, Unit, Workload
from procedures.targets.variables import step_variables

HERE = "on this machine"
_LOG_LINES = 100_000
_LOG_TIMEOUT_S = 60.0
_LOCAL_FACTS = ("BACKUP_DIR", "PROJECT_DIR")
"""Directories that the steps' own commands use on the machine that they run on."""

_KINDS = {
    Method.DOCKER: Kind.COMPOSE_SERVICE,
    Method.KUBERNETES: Kind.DEPLOYMENT,
    Method.SYSTEMD: Kind.UNIT,
}

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Value]):
    """An answer, and where it was found: ``in llm-config-manager-1``, ``on this machine``."""

    value: Value
    where: str


class Answers:
    """Answers for the deployments of one environment; every question may raise SourceError.

    Files, disks, ports and memory are those of a unit of the service that runs, unless the service
    lives on this machine, or nothing of it runs. A directory that the settings name is one of this
    machine, and so are those that the steps' own commands use here.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        targets: Callable[[], Sequence[Target]],
        clock: Clock,
        owns: bool = True,
    ) -> None:
        self._environment = environment
        self._make_targets = targets
        self._clock = clock
        self._owns = owns

    async def ready(self, workload: str = "") -> int:
        """Return how many units of a workload serve; of the service if none is named."""
        return (await self._workload(workload)).ready

    async def logs(self, since_s: float) -> list[str]:
        """Return the service's log lines of the last ``since_s`` seconds, oldest first."""
        target = (await self._targets())[0]
        service = await self._workload("")
        query = LogQuery(since=self._clock.now() - timedelta(seconds=since_s), tail=_LOG_LINES)
        async with asyncio.timeout(_LOG_TIMEOUT_S):
            logs = await asyncio.gather(*(_lines(target, unit, query) for unit in service.units))
        return [text for _, text in sorted(line for lines in logs for line in lines)]

    async def disk_free(self, path: Path) -> Found[float]:
        """Return the free bytes of the file system that holds ``path``."""
        return await self._about(
            path,
            lambda: this_machine.disk_free(path),
            lambda target, unit: inside.disk_free(target, unit, path),
        )

    async def exists(self, path: Path) -> Found[bool]:
        """Tell whether there is such a file."""
        return await self._about(
            path,
            lambda: this_machine.exists(path),
            lambda target, unit: inside.exists(target, unit, path),
        )

    async def is_listening(self, port: int) -> Found[bool]:
        """Tell whether something listens on ``port``."""
        return await self._about(
            None,
            lambda: this_machine.is_listening(port),
            lambda target, unit: inside.is_listening(target, unit, port),
        )

    async def memory_free(self) -> Found[float]:
        """Return the bytes of memory that may still be used."""
        return await self._about(None, this_machine.memory_free, inside.memory_free)

    async def aclose(self) -> None:
        """Release the connections of its own targets, as far as there are any."""
        if self._owns and "_made" in self.__dict__:
            for target in self._made:
                await target.aclose()

    async def _about(
        self,
        path: Path | None,
        here: Callable[[], Awaitable[Value]],
        there: Callable[[Target, Unit], Awaitable[Value]],
    ) -> Found[Value]:
        if await asyncio.to_thread(self._lives_here, path):
            return Found(value=await here(), where=HERE)
        unit = next((each for each in (await self._workload("")).units if each.serves), None)
        if unit is None:
            return Found(value=await here(), where=f"{HERE}, for nothing of the service runs")
        target = (await self._targets())[0]
        return Found(value=await there(target, unit), where=f"in {unit.name}")

    def _lives_here(self, path: Path | None) -> bool:
        """Tell whether something is to be looked at on this machine; blocks for its disk."""
        environment = self._environment
        if environment.method is Method.SYSTEMD or environment.control:
            return True
        if path is None:
            return False
        variables = step_variables(environment, {})
        named = (environment.backup_dir, environment.data_dir, *environment.local_dirs)
        ours = [each for each in named if each]
        ours += [Path(variables[name]) for name in _LOCAL_FACTS]
        # A fact may name a place in the container as well: one that is not here is meant there.
        facts = [Path(value) for value in environment.facts.values() if value.startswith("/")]
        ours += [each for each in facts if each.is_dir()]
        return any(each.is_absolute() and path.is_relative_to(each) for each in ours)

    async def _workload(self, name: str) -> Workload:
        targets = await self._targets()
        if not name:
            return _service_of(await targets[0].look(), targets[0].place)
        for target in targets:
            workload = (await target.look()).workload(name)
            if workload is not None:
                return workload
        places = " or ".join(target.place.name for target in targets)
        raise SourceError(f"there is no {name} on {places}", fix="Correct its name")

    async def _targets(self) -> Sequence[Target]:
        return await asyncio.to_thread(lambda: self._made)

    @cached_property
    def _made(self) -> Sequence[Target]:
        return self._make_targets()


def _service_of(holdings: Holdings, place: Place) -> Workload:
    """Return the service; one of which the target knows nothing has no units."""
    return holdings.workload(place.service) or Workload(
        name=place.service, kind=_KINDS[place.method]
    )


async def _lines(target: Target, unit: Unit, query: LogQuery) -> list[tuple[str, str]]:
    async with aclosing(target.log(unit, query)) as batches:
        return [(line.stamp, line.text) async for batch in batches for line in batch]
