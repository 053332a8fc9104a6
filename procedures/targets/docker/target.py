"""A compose project of a Docker engine as a target."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from procedures.clock import Clock
from procedures.environment import Method, TargetAddress
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.docker import programs
from procedures.targets.docker.actions import Known, action_for
from procedures.targets.docker.connection import TIME_LIMIT_S, Connection
from procedures.targets.docker.looking import Looking
from procedures.targets.docker.measuring import Measuring
from procedures.targets.docker.news import News
from procedures.targets.docker.projects import known_of
from procedures.targets.docker.reading import Reading
from procedures.targets.docker.streams import Streams
from procedures.targets.docker.units import NUMBER, SERVICE, labels_of, workloads_of
from procedures.targets.log_lines import LogLine
from procedures.targets.target import Answer, LogQuery
from procedures.targets.values import Holdings, Missing, Place, Unit, Use, Workload

Json = Mapping[str, Any]


class DockerTarget:
    """The containers of one compose project.

    Source: the engine's API. What changes something is a command line for ``docker`` or compose.
    What containers use is measured beside the looks, and shown with the look after.
    """

    def __init__(
        self,
        address: TargetAddress,
        *,
        variables: Mapping[str, str],
        clock: Clock,
        time_limit_s: float = TIME_LIMIT_S,
    ) -> None:
        self._address = address
        self._variables = variables
        self._clock = clock
        self._connection = Connection(address, variables, time_limit_s=time_limit_s)
        self._streams = Streams(self._connection)
        self._looking = Looking(self._connection, address, variables)
        self._measuring = Measuring(self._connection)
        self._reading = Reading(self._connection, self._streams)
        self._news = News(self._connection, self._streams, self._looking, address.name)
        self._known: Mapping[str, Known] = {}
        self._compose: tuple[str, ...] = ("docker-compose",)

    @property
    def place(self) -> Place:
        """Which deployment it is; a project that the settings do not name is known after a look."""
        project = self._looking.project
        named = f"project {project}" if project else f"the project with {self._address.service}"
        return Place(
            name=self._address.name,
            method=Method.DOCKER,
            where=f"{named} · {self._connection.where}",
            service=self._address.service,
        )

    async def look(self) -> Holdings:
        """Return all containers of the project; what they use is that of the look before."""
        inspected = await self._looking.inspected()
        known, self._compose = await asyncio.to_thread(self._found_here, inspected)
        # What once was is remembered: a service without a container can be started again.
        self._known = {**self._known, **known}
        self._learn(inspected)
        self._measuring.begin({str(each["Id"]) for each in inspected if _runs(each)})
        workloads = workloads_of(
            inspected,
            self._address.service,
            uses=self._measuring.uses,
            ends=self._news.teller.ends,
            digests=self._looking.digests,
        )
        return Holdings(
            at=self._clock.now(), workloads=workloads, missing=await self._missing(workloads)
        )

    def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield batches of log lines of a container, which are kept over restarts."""
        return self._reading.lines(unit, query)

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Return what the engine and the containers remember.

        The engine keeps its last 256 events, all containers' health checks among them.
        """
        return await self._news.past(since, self._clock.now())

    def news(self) -> AsyncGenerator[Change, None]:
        """Yield what happens from now on."""
        return self._news.present(self._clock.now())

    def action(
        self, verb: Verb, workload: Workload, *, replicas: int | None = None
    ) -> Action | Refusal:
        """Return how ``docker`` or compose does something to a service, or why it cannot."""
        return action_for(
            verb,
            workload,
            engine=self._connection.words,
            compose=self._compose,
            project=self._looking.project,
            known=self._known.get(workload.name, Known()),
            replicas=replicas,
        )

    async def inside(self, unit: Unit, argv: Sequence[str]) -> Answer:
        """Run a program in a container, without a shell, and return what it says."""
        return await programs.run(self._connection, self._streams, unit, argv)

    async def use(self, unit: Unit) -> Use:
        """Return what one container uses at this moment; the limit is that of the last look."""
        found = await self._measuring.now(unit.id)
        return replace(found, memory_limit_bytes=unit.use.memory_limit_bytes)

    async def aclose(self) -> None:
        """Release connections."""
        await self._measuring.aclose()
        await self._connection.aclose()

    def _learn(self, inspected: Sequence[Json]) -> None:
        """Let those who tell of changes know what there is to change from."""
        for each in inspected:
            labels, config = labels_of(each), each.get("Config") or {}
            self._news.teller.learn(
                labels.get(SERVICE, ""),
                labels.get(NUMBER, ""),
                str(config.get("Image", "")),
                str(each.get("Image", "")),
            )

    async def _missing(self, workloads: Sequence[Workload]) -> tuple[Missing, ...]:
        if workloads[0].units:
            return ()
        project = self._looking.project
        fault = f"project {project} has no container of it"
        if len(workloads) == 1:
            others = ", ".join(await self._looking.others()) or "none"
            fault = f"there is no container of project {project}; compose projects here: {others}"
        return (Missing(part=self._address.service, fault=fault),)

    def _found_here(self, inspected: Sequence[Json]) -> tuple[Mapping[str, Known], tuple[str, ...]]:
        """Return which compose files and which compose are on this machine; blocks."""
        path = self._variables.get("PATH")
        compose = ("docker-compose",) if shutil.which("docker-compose", path=path) else ()
        return known_of(inspected), compose or ("docker", "compose")


def _runs(container: Json) -> bool:
    return bool((container.get("State") or {}).get("Running"))
