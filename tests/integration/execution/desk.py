"""A machine with a real ledger, a real shell and real supervisors, and operators who walk there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from procedures.clock import Clock, SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.record.consoles import this_console
from procedures.execution.record.station import Pace, Station
from procedures.execution.run.run import CheckResult, StepRecord
from procedures.execution.walking.progress import OutputArrived, Progress, StepBegan
from procedures.execution.walking.walk import Walk
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.reference.levels import Level
from procedures.runbook.assertions import Assertion, HealthStatus
from procedures.runbook.model import Command, Input, Phase, Procedure, Step

HEALTHY = HealthStatus(text="health status is healthy", line=1, word="healthy")
FAST = Pace(settle_s=0.2, recheck_s=0.01, look_s=0.01, grace_s=0.3)
ENVIRONMENT = Environment(name="staging-eu", tier=Tier.STAGING, method=Method.DOCKER)


class ScriptedChecks:
    """Answers in the given order, and with the last answer for ever after."""

    def __init__(self, *answers: bool | None) -> None:
        self.answers = list(answers or (True,))
        self.since: list[datetime | None] = []

    async def check(
        self,
        assertion: Assertion,
        variables: Mapping[str, str],
        *,
        since: datetime | None = None,
    ) -> CheckResult:
        self.since.append(since)
        passed = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return CheckResult(
            text=assertion.text, passed=passed, detail=f"{passed}", at=datetime.now(UTC)
        )

    async def aclose(self) -> None:
        pass


def command(script: str, level: Level = Level.READ, **more: object) -> tuple[Command, ...]:
    return (replace(Command(script=script, line=1, level=level, timeout_s=30), **more),)  # type: ignore[arg-type]


def procedure(*steps: Step, **inputs: Input) -> Procedure:
    return Procedure(
        id="cache-flush",
        title="Cache flush",
        path=Path("cache-flush.md"),
        digest="d1",
        source="",
        inputs=inputs,
        phases=(Phase(title="Phase", line=1, steps=steps),),
    )


def step(id: str = "one", **parts: object) -> Step:
    return replace(Step(id=id, title=id.title(), line=1), **parts)  # type: ignore[arg-type]


class Desk:
    """What the operators at one machine bring to a walk; each may sit at a console of their own."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self.ledger = SqliteLedger(state_dir / "ledger.db", clock=SystemClock())

    async def start(
        self,
        procedure: Procedure,
        inputs: Mapping[str, str] | None = None,
        *,
        environment: Environment = ENVIRONMENT,
        checks: ScriptedChecks | None = None,
        insist: bool = False,
        secrets: Sequence[str] = (),
        pace: Pace = FAST,
        operator: str = "ada",
        console: str = "",
        policy: Policy | None = None,
        clock: Clock | None = None,
        begin_at: str = "",
        reason: str = "",
        rolls_back: str = "",
    ) -> Walk:
        station = self.station(
            checks=checks,
            secrets=secrets,
            pace=pace,
            operator=operator,
            console=console,
            policy=policy,
            clock=clock,
        )
        return await Walk.start(
            procedure,
            environment,
            inputs or {},
            station=station,
            insist=insist,
            begin_at=begin_at,
            reason=reason,
            rolls_back=rolls_back,
        )

    async def resume(
        self,
        run_id: str,
        procedure: Procedure,
        *,
        environment: Environment = ENVIRONMENT,
        checks: ScriptedChecks | None = None,
        operator: str = "ada",
        console: str = "",
        policy: Policy | None = None,
        clock: Clock | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Walk:
        station = self.station(
            checks=checks, operator=operator, console=console, policy=policy, clock=clock
        )
        return await Walk.resume(run_id, procedure, environment, station=station, secrets=secrets)

    def station(
        self,
        *,
        operator: str = "ada",
        console: str = "",
        checks: ScriptedChecks | None = None,
        secrets: Sequence[str] = (),
        pace: Pace = FAST,
        policy: Policy | None = None,
        clock: Clock | None = None,
    ) -> Station:
        return Station(
            ledger=self.ledger,
            clock=clock or SystemClock(),
            operator=Operator(name=operator),
            console=console or this_console(),
            state_dir=self.state_dir,
            checks=checks or ScriptedChecks(),
            secrets=secrets,
            pace=pace,
            policy=policy or Policy(),
        )

    def kinds(self, walk: Walk) -> list[str]:
        return [event.kind for event in self.ledger.events(subject=walk.run.id)]


def elsewhere(name: str) -> str:
    """Return a console of another machine, of which nobody here knows whether it lives."""
    return f"bastion-2/{name}/1"


async def told_first(progress: AsyncIterator[Progress]) -> Progress:
    """Return what is told first once the step is under way."""
    assert isinstance(await anext(progress), StepBegan)
    return await anext(progress)


async def execute(walk: Walk, step_id: str = "one") -> tuple[str, StepRecord]:
    output = ""
    async with asyncio.timeout(60):
        async for progress in walk.execute(step_id):
            if isinstance(progress, OutputArrived):
                output += progress.text
    record = walk.run.step(step_id)
    assert record
    return output, record


async def until_output(walk: Walk, step_id: str = "one") -> None:
    """Execute until the command has printed something, then stop looking."""
    async with asyncio.timeout(60):
        progress = walk.execute(step_id)
        async for each in progress:
            if isinstance(each, OutputArrived):
                break
        await progress.aclose()


async def take(walk: Walk, step_id: str, typed: str = "") -> StepRecord:
    """Confirm and execute a step."""
    await walk.confirm(step_id, typed)
    _, record = await execute(walk, step_id)
    return record


class Diary:
    """A file in which commands write what they do: what really happened, and in which order."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def writes(self, text: str) -> str:
        """Return a command that writes ``text`` into it."""
        return f"echo {text} >> {self.path}"

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def change(self, name: str, *undo: str) -> Step:
        """Return a step that changes something, and the commands that undo it."""
        return step(
            name,
            commands=command(self.writes(name), Level.CHANGE),
            undo=tuple(
                each for script in undo for each in command(self.writes(script), Level.CHANGE)
            ),
        )


class LateClock:
    """The machine's clock, put forward by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def until(happened: Callable[[], bool]) -> None:
    """Look again and again until it has."""
    async with asyncio.timeout(60):
        while True:
            if happened():
                return
            await asyncio.sleep(0.02)


class Gate:
    """A file for which commands wait."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def holds(self, then: str = "true") -> str:
        """Return a command that says ``on``, waits for the gate and does ``then``."""
        return f"echo on; while [ ! -e {self.path} ]; do sleep 0.02; done; {then}"

    def open(self) -> None:
        self.path.touch()
