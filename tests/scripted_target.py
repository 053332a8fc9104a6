"""A target that says what a test wants, for what stands above the adapters.

The adapters themselves are tested against real engines, clusters and machines.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from procedures.environment import Method
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.log_lines import LogLine
from procedures.targets.target import Answer, LogQuery
from procedures.targets.values import Holdings, Kind, Phase, Place, Unit, Use, Workload

NOW = datetime(2026, 11, 23, 14, 25, tzinfo=UTC)
SERVICE = "llm-config-manager"


def unit(name: str, workload: str = SERVICE, **parts: object) -> Unit:
    """Return a pod that has served for an hour, unless ``parts`` say otherwise."""
    usual = Unit(
        id=f"id-{name}",
        name=name,
        workload=workload,
        phase=Phase.RUNNING,
        word="Running",
        ready=True,
        restarts=0,
        began_at=NOW - timedelta(hours=1),
        image=f"{workload}:1.4.2",
        version="sha256:0a1b2c3d",
        host="node-1",
        use=Use(cpu_cores=0.21, memory_bytes=312 * 1024**2, memory_limit_bytes=2 * 1024**3),
    )
    return replace(usual, **parts)  # type: ignore[arg-type]


def deployment(*units: Unit, name: str = SERVICE, **parts: object) -> Workload:
    """Return a deployment of these units that wants as many."""
    usual = Workload(
        name=name,
        kind=Kind.DEPLOYMENT,
        units=units,
        wanted=len(units),
        ready=sum(each.serves for each in units),
        updated=len(units),
        revision="7",
    )
    return replace(usual, **parts)  # type: ignore[arg-type]


class ScriptedTarget:
    """Answers with ``holdings``, or with ``fault`` as long as there is one."""

    def __init__(
        self,
        *workloads: Workload,
        place: Place | None = None,
        logs: Mapping[str, Sequence[LogLine]] | None = None,
    ) -> None:
        self.place = place or Place(
            name="cluster",
            method=Method.KUBERNETES,
            where="context prod · namespace llm-config",
            service=SERVICE,
        )
        self.holdings = Holdings(at=NOW, workloads=workloads)
        self.fault: SourceError | None = None
        self.logs = dict(logs or {})
        self.past: list[Change] = []
        self.answers: dict[tuple[str, ...], Answer] = {}
        self.asked: list[tuple[str, ...]] = []
        self.closed = False
        self._news: asyncio.Queue[Change] = asyncio.Queue()

    def happen(self, change: Change) -> None:
        """Let something happen now."""
        self._news.put_nowait(change)

    async def look(self) -> Holdings:
        if self.fault is not None:
            raise self.fault
        return self.holdings

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        yield list(self.logs.get(unit.name, ()))
        if query.follow:
            await asyncio.Event().wait()

    async def changes(self, since: datetime) -> Sequence[Change]:
        if self.fault is not None:
            raise self.fault
        return [each for each in self.past if each.at >= since]

    async def news(self) -> AsyncGenerator[Change, None]:
        while True:
            yield await self._news.get()

    def action(
        self, verb: Verb, workload: Workload, *, replicas: int | None = None
    ) -> Action | Refusal:
        if verb is Verb.ROLL_BACK:
            return Refusal(verb=verb, why="there is one revision only", fix="Set the image")
        if verb in {Verb.SCALE, Verb.START} and replicas is None:
            return Refusal(verb=verb, why="nobody says to how many")
        return Action(
            verb=verb,
            workload=workload.name,
            commands=(("true", verb.value, workload.name, str(replicas or "")),),
            affects=f"{workload.name}: {verb.value}",
            ready=replicas,
        )

    async def inside(self, unit: Unit, argv: Sequence[str]) -> Answer:
        self.asked.append((unit.name, *argv))
        return self.answers.get(tuple(argv), Answer(status=127, output=""))

    async def use(self, unit: Unit) -> Use:
        return unit.use

    async def aclose(self) -> None:
        self.closed = True
