"""What containers use, measured beside the looks: some engines take a second for each."""

import asyncio
from collections.abc import Collection, Mapping
from functools import partial
from time import monotonic
from typing import Any

import docker
from docker.utils import version_lt

from procedures.errors import SourceError
from procedures.targets.docker.connection import Connection
from procedures.targets.docker.usage import use_of
from procedures.targets.values import Use

Json = Mapping[str, Any]
_AT_ONCE = 4
"""Half of what the connection lets through: a look must not wait for the measuring."""
_FRESH_S = 60.0
"""How old a sample may be to tell what the processors did since."""


class Measuring:
    """Keeps a sample of each container, for what the processors did is known between two.

    Attributes:
        uses: What each container used when it was measured last, by id.
    """

    def __init__(self, connection: Connection) -> None:
        self.uses: dict[str, Use] = {}
        self._connection = connection
        self._samples: dict[str, tuple[float, Json]] = {}
        self._task: asyncio.Task[None] | None = None

    def begin(self, running: Collection[str]) -> None:
        """Measure these containers, and forget all others, unless the last round still goes on."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._round(running), name="measure containers")

    async def now(self, container: str) -> Use:
        """Return what a container uses at this moment; the first time that takes some seconds."""
        taken = self._samples.get(container)
        before = taken[1] if taken and monotonic() - taken[0] < _FRESH_S else None
        sample = await self._connection.ask(
            partial(_sample, container=container, one_shot=before is not None)
        )
        self._samples[container] = (monotonic(), sample)
        return use_of(sample, before)

    async def aclose(self) -> None:
        """Measure no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _round(self, running: Collection[str]) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._measure(each, gate) for each in running))
        self._samples = {key: each for key, each in self._samples.items() if key in running}
        self.uses = {key: each for key, each in self.uses.items() if key in running}

    async def _measure(self, container: str, gate: asyncio.Semaphore) -> None:
        before = self._samples.get(container)
        try:
            async with gate:
                sample = await self._connection.ask(
                    partial(_sample, container=container, one_shot=True)
                )
        except SourceError:
            return  # it ended meanwhile, or the next look will tell what is wrong
        self.uses[container] = use_of(sample, before and before[1])
        self._samples[container] = (monotonic(), sample)


def _sample(client: docker.APIClient, container: str, one_shot: bool) -> Json:
    # Without one_shot the engine waits for a second sample, and gives both.
    if version_lt(client.api_version, "1.41"):
        one_shot = False
    found: Json = client.stats(container, stream=False, one_shot=one_shot)
    return found
