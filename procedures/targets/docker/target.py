"""A compose project of a Docker engine as a target."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import docker
import docker.errors

from procedures.clock import Clock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.docker import streams
from procedures.targets.docker.actions import Known, action_for
from procedures.targets.docker.connection import TIME_LIMIT_S, Connection
from procedures.targets.docker.events import ACTIONS, Teller
from procedures.targets.docker.logs import FrameCutter, RawCutter, framed, parameters_of
from procedures.targets.docker.projects import known_of, only_project, project_filter
from procedures.targets.docker.units import NUMBER, SERVICE, labels_of, workloads_of
from procedures.targets.docker.usage import use_of
from procedures.targets.log_lines import LogLine
from procedures.targets.target import Answer, LogQuery
from procedures.targets.values import Holdings, Missing, Place, Unit, Use, Workload

_EXEC_LIMIT_S = 15.0
_MOST_OUTPUT = 1024 * 1024
_AT_ONCE = 8
"""Containers that are asked for at the same time."""
_QUIET_S = 60.0


class DockerTarget:
    """The containers of one compose project.

    Source: the engine's API. What changes something is a command line for ``docker`` or compose.
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
        self._streams = streams.Streams(lambda: self._connection.where, variables)
        self._project = address.project or variables.get("COMPOSE_PROJECT_NAME", "")
        self._known: Mapping[str, Known] = {}
        self._uses: dict[str, Use] = {}
        self._samples: dict[str, Mapping[str, Any]] = {}
        self._measuring: asyncio.Task[None] | None = None
        self._terminals: dict[str, bool] = {}
        self._teller = Teller(address.name)

    @property
    def place(self) -> Place:
        """Which deployment it is; a project that the settings do not name is known after a look."""
        project = f"project {self._project}" if self._project else "the project that has it"
        return Place(
            name=self._address.name,
            method=Method.DOCKER,
            where=f"{project} · {self._connection.where}",
            service=self._address.service,
        )

    async def look(self) -> Holdings:
        """Return all containers of the project; what they use is that of the look before."""
        inspected = await self._inspected()
        self._known = known_of(inspected)
        ids = [str(each["Id"]) for each in inspected]
        for each in inspected:
            labels = labels_of(each)
            config = each.get("Config") or {}
            self._terminals[str(each["Id"])] = bool(config.get("Tty"))
            self._teller.learn(
                labels.get(SERVICE, ""), labels.get(NUMBER, ""), str(config.get("Image", ""))
            )
        self._uses = {each: use for each, use in self._uses.items() if each in ids}
        running = [str(e["Id"]) for e in inspected if (e.get("State") or {}).get("Running")]
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(self._measure(running))
        workloads = workloads_of(inspected, self._address.service, self._uses)
        missing = []
        if not workloads or workloads[0].name != self._address.service:
            fault = f"project {self._project} has no such service"
            missing.append(Missing(part=self._address.service, fault=fault))
        return Holdings(at=self._clock.now(), workloads=workloads, missing=tuple(missing))

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield batches of log lines of a container, which are kept over restarts."""
        if unit.id not in self._terminals:
            found = await self._connection.ask(lambda client: client.inspect_container(unit.id))
            self._terminals[unit.id] = bool((found.get("Config") or {}).get("Tty"))
        raw = self._terminals[unit.id]
        cutter = RawCutter(unit.name) if raw else FrameCutter(unit.name)
        path = f"/containers/{unit.id}/logs"
        silent_s = None if query.follow else _QUIET_S
        begun = False
        try:
            async with self._streams.open(path, parameters_of(query), silent_s=silent_s) as body:
                async for chunk in body.iter_any():
                    begun = True
                    if lines := cutter.feed(chunk):
                        yield lines
                    # What has come already is read without a pause: others must have their turn.
                    await asyncio.sleep(0)
        except streams.FAULTS as error:
            if not (query.follow and begun):
                raise self._streams.failed(error) from error
            # What was followed broke off: the end of the batches says so.
        if isinstance(cutter, RawCutter) and (rest := cutter.close()):
            yield rest

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Return what the engine remembers, of all containers its last 256 events."""
        until = self._clock.now() + timedelta(seconds=1)
        asked = {**await self._events_asked(), "since": _stamp(since), "until": _stamp(until)}
        teller = Teller(self._address.name)
        changes: list[Change] = []
        async for event in self._events(asked, silent_s=_QUIET_S):
            changes += teller.tell(event)
        return sorted(changes, key=lambda each: each.at)

    async def news(self) -> AsyncGenerator[Change, None]:
        """Yield what happens from now on."""
        asked = {**await self._events_asked(), "since": _stamp(self._clock.now())}
        async for event in self._events(asked, silent_s=None):
            for change in self._teller.tell(event):
                yield change

    def action(
        self, verb: Verb, workload: Workload, *, replicas: int | None = None
    ) -> Action | Refusal:
        """Return how ``docker`` or compose does something to a service, or why it cannot."""
        engine = ("-H", self._connection.where) if self._connection.is_given else ()
        path = self._variables.get("PATH")
        if shutil.which("docker-compose", path=path):
            compose: tuple[str, ...] = ("docker-compose", *engine)
        else:
            compose = ("docker", *engine, "compose")
        return action_for(
            verb,
            workload,
            docker=("docker", *engine),
            compose=(*compose, "-p", self._project),
            known=self._known.get(workload.name, Known()),
            replicas=replicas,
        )

    async def inside(self, unit: Unit, argv: Sequence[str]) -> Answer:
        """Run a program in a container, without a shell, and return what it says."""
        words = list(argv)
        try:
            async with asyncio.timeout(_EXEC_LIMIT_S):
                return await self._run(unit, words)
        except TimeoutError as error:
            raise SourceError(
                f"{words[0]} did not end in {unit.name} within {_EXEC_LIMIT_S:g} s",
                fix=f"Try `docker exec {unit.name} {words[0]}`",
            ) from error
        except streams.FAULTS as error:
            raise self._streams.failed(error) from error

    async def _run(self, unit: Unit, argv: list[str]) -> Answer:
        made = await self._connection.ask(
            lambda client: client.exec_create(unit.id, argv, stdin=False, tty=False)
        )
        path, order = f"/exec/{made['Id']}/start", {"Detach": False, "Tty": False}
        output = bytearray()
        try:
            async with self._streams.open(path, {}, silent_s=None, order=order) as body:
                async for chunk in body.iter_any():
                    if len(output) < _MOST_OUTPUT:
                        output += chunk
        except SourceError as error:
            # Some engines refuse to start what is not there, others let it end with 126 or 127.
            if "executable file not found" in error.what or "no such file" in error.what:
                return Answer(status=127, output="", complaint=error.what)
            raise
        ended = await self._connection.ask(lambda client: client.exec_inspect(made["Id"]))
        said = framed(bytes(output))
        return Answer(
            status=int(ended["ExitCode"] or 0),
            output=said.get(1, b"").decode("utf-8", "replace"),
            complaint=said.get(2, b"").decode("utf-8", "replace"),
        )

    async def use(self, unit: Unit) -> Use:
        """Return what one container uses at this moment."""
        sample = await self._connection.ask(partial(_sample, container=unit.id))
        before = self._samples.get(unit.id)
        self._samples[unit.id] = sample
        limit = unit.use.memory_limit_bytes
        found = use_of(sample, before)
        # The engine gives the machine's memory as the limit of what has none.
        return Use(
            cpu_cores=found.cpu_cores, memory_bytes=found.memory_bytes, memory_limit_bytes=limit
        )

    async def aclose(self) -> None:
        """Release connections."""
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)
        await self._connection.aclose()

    async def _inspected(self) -> "list[Mapping[str, Any]]":
        """Return what the engine tells of each container of the project."""
        if not self._project:
            listed = await self._connection.ask(
                lambda client: client.containers(all=True, filters={"label": [SERVICE]})
            )
            self._project = only_project(listed, self._address.service)
        filters = project_filter(self._project)
        listed = await self._connection.ask(
            lambda client: client.containers(all=True, filters=filters)
        )
        if not listed:
            raise SourceError(
                f"the Docker engine at {self._connection.where} has no container of project"
                f" {self._project}",
                fix="Start it with compose, or correct `project` in the settings",
            )
        gate = asyncio.Semaphore(_AT_ONCE)

        async def inspect(container: str) -> "Mapping[str, Any] | None":
            async with gate:
                return await self._connection.ask(partial(_inspect, container=container))

        found = await asyncio.gather(*(inspect(str(each["Id"])) for each in listed))
        return [each for each in found if each is not None]

    async def _measure(self, ids: Iterable[str]) -> None:
        """Learn what containers use, beside the look: some engines take a second for each."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def measure(container: str) -> None:
            async with gate:
                try:
                    sample = await self._connection.ask(partial(_sample, container=container))
                except SourceError:
                    return  # it ended meanwhile, or the look will tell what is wrong
            self._uses[container] = use_of(sample, self._samples.get(container))
            self._samples[container] = sample

        ids = list(ids)
        await asyncio.gather(*map(measure, ids))
        self._samples = {each: sample for each, sample in self._samples.items() if each in ids}

    async def _events_asked(self) -> dict[str, str]:
        if not self._project:
            await self._inspected()
        filters = {
            "type": ["container"],
            "event": list(ACTIONS),
            **project_filter(self._project),
        }
        return {"filters": json.dumps(filters)}

    async def _events(
        self, asked: Mapping[str, str], *, silent_s: float | None
    ) -> "AsyncGenerator[Mapping[str, Any], None]":
        try:
            async with self._streams.open("/events", asked, silent_s=silent_s) as body:
                async for line in body:
                    if line.strip():
                        yield json.loads(line)
        except streams.FAULTS as error:
            raise self._streams.failed(error) from error


def _inspect(client: docker.APIClient, container: str) -> "Mapping[str, Any] | None":
    try:
        found: Mapping[str, Any] = client.inspect_container(container)
    except docker.errors.NotFound:  # it was removed since it was listed
        return None
    return found


def _sample(client: docker.APIClient, container: str) -> "Mapping[str, Any]":
    found: Mapping[str, Any] = client.stats(container, stream=False, one_shot=True)
    return found


def _stamp(at: datetime) -> str:
    return f"{at.timestamp():.9f}"
