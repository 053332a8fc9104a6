"""One sandbox and one watch for each method, over which many procedures are walked in turn."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from procedures.clock import SystemClock
from procedures.environment import Environment, Intervals, Method
from procedures.errors import ProcedureError
from procedures.execution.checks.build import checks_for
from procedures.execution.policy.policy import Confirmation, Operator
from procedures.execution.record.station import Pace, Station
from procedures.execution.run.run import RunOutcome, Stage, StepRecord, StepStatus
from procedures.execution.walking.walk import Walk
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.runbook.assertions import (
    Assertion,
    IndicatorValue,
    LogsFree,
    PortListening,
)
from procedures.runbook.model import Procedure, Step
from procedures.sandbox import pace
from procedures.sandbox.launcher import start
from procedures.signals.build import watch_for
from procedures.signals.watch import Watch

BRISK = pace.Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=0.5)
INTERVALS = Intervals(metrics_s=0.5, health_s=0.5, alerts_s=0.5, backups_s=1.0, disk_s=2.0)
WINDOW_S = 4
SOAK = timedelta(seconds=0.1)
LOG_WINDOW_S = 1.0
PATIENCE = Pace(settle_s=30.0, recheck_s=0.3, look_s=0.3)
DOCUMENT_TIMEOUT_S = 240.0
CALM_TIMEOUT_S = 90.0
KEY = [name for name, each in load_indicators().items() if each.key]
ELSEWHERE = re.compile(r"\s*command -v (aws|terraform|helm|ansible-playbook|gpg|age)\b")
"""How a command begins whose tool cannot run here."""
_LOOKS = 8
_SLEEP = "#!/bin/sh\nexec /bin/sleep 0.2\n"
"""What commands wait for comes fast here; that they wait at all is what counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a walk ended.

    Attributes:
        fault: Document, method, step, command and output; empty if it went through.
        skipped: Titles of the steps whose tool cannot run here.
        took_s: Seconds.
        left_ill: Whether the service was not well afterwards, and had to be brought back.
    """

    fault: str = ""
    skipped: tuple[str, ...] = ()
    took_s: float = 0.0
    left_ill: bool = False


@dataclass(slots=True, kw_only=True)
class Site:
    """Where the procedures of one method are walked.

    Attributes:
        left_ill: Documents after which the service was not well, and had to be brought back.
    """

    environment: Environment
    watch: Watch
    ledger: SqliteLedger
    folder: Path
    http: httpx.AsyncClient
    left_ill: list[str] = field(default_factory=list)

    @property
    def method(self) -> Method:
        """The deployment method."""
        return self.environment.method

    async def walk(self, procedure: Procedure, inputs: Mapping[str, str]) -> End:
        """Walk as an operator does who confirms everything and always goes on."""
        began = monotonic()
        begun_well = await self._settled()
        before = f"; {self.left_ill[-1]} had left the service ill" if self.left_ill else ""
        where = f"{procedure.id} on {self.method.value}"
        if not begun_well:
            return End(fault=f"{where}: the service did not become well before it{before}")
        skipped: list[str] = []
        try:
            async with asyncio.timeout(DOCUMENT_TIMEOUT_S):
                fault = await self._walked(adapted(procedure, self.environment), inputs, skipped)
        except TimeoutError:
            fault = f"took longer than {DOCUMENT_TIMEOUT_S:g} s"
        except ProcedureError as error:
            fault = f"{error.what} ({error.fix})"
        ill = not await self._well()
        if ill:
            self.left_ill.append(procedure.id)
            await self.reset()
        return End(
            fault=f"{where}: {fault}" if fault else "",
            skipped=tuple(skipped),
            took_s=monotonic() - began,
            left_ill=ill,
        )

    async def reset(self) -> None:
        """Bring the service back to what it was at first."""
        await self._control("POST", "/reset")

    async def _walked(
        self, procedure: Procedure, inputs: Mapping[str, str], skipped: list[str]
    ) -> str:
        clock = SystemClock()
        watch = self.watch
        asked = checks_for(self.environment, snapshot=lambda: watch.latest, clock=clock)
        async with contextlib.aclosing(asked) as checks:
            station = Station(
                ledger=self.ledger,
                clock=clock,
                operator=Operator(name="ada"),
                state_dir=self.folder,
                checks=checks,
                pace=PATIENCE,
            )
            walk = await Walk.start(
                procedure, self.environment, inputs, station=station, insist=True
            )
            return await self._all_taken(procedure, walk, skipped)

    async def _all_taken(self, procedure: Procedure, walk: Walk, skipped: list[str]) -> str:
        steps = {step.id: step for step in procedure.steps}
        while (record := walk.run.current) is not None:
            step = steps[record.id]
            command = step.command_for(self.method)
            if command and ELSEWHERE.match(command.script):
                await walk.skip(record.id, "its tool cannot run here")
                skipped.append(record.title)
                continue
            fault = await self._turn_taken(walk, record)
            if fault:
                printed = await walk.output(record.id)
                script = command.script if command else "no command"
                return f"step '{record.title}': {fault}\n$ {script}\n{printed}"
        if walk.run.outcome is not RunOutcome.COMPLETED:
            return f"ended as {walk.run.outcome.value}"
        return ""

    async def _turn_taken(self, walk: Walk, record: StepRecord) -> str:
        """Take a turn; look again, as an operator would, where only a measurement was off."""
        fault = ""
        for _ in range(_LOOKS):
            try:
                fault = await _take_turn(walk, record)
            except ProcedureError as error:
                fault = error.what
            if "indicator" not in fault and "alert" not in fault:
                return fault
            await asyncio.sleep(1)
            found = walk.run.current
            if found is not None and found.status is StepStatus.FAILED:
                await walk.retry(found.id, recheck=True)
                record = walk.run.current or record
        return fault

    async def _well(self) -> bool:
        try:
            health = await self.http.get(self.environment.health.url)  # type: ignore[union-attr]
        except httpx.HTTPError:
            return False
        state = await self._control("GET", "/state")
        processes = [*state["replicas"], *state["dependencies"]]
        served = await self.http.get(f"{self._api}/api/v1/configs/app%2Fllm?env=production")
        return (
            health.status_code == 200
            and state["wanted"] == len(state["replicas"])
            and all(process["phase"] == "ready" for process in processes)
            and bool(served.status_code == 200 and served.json())
        )

    async def _settled(self) -> bool:
        """Wait until everything serves and nothing of the last disturbance is measured any more."""
        deadline = monotonic() + CALM_TIMEOUT_S
        while monotonic() < deadline:
            readings = self.watch.latest.readings
            if all(readings[name].state is State.OK for name in KEY) and await self._well():
                return True
            await asyncio.sleep(0.1)
        return False

    @property
    def _api(self) -> str:
        assert self.environment.api is not None
        return self.environment.api.url

    async def _control(self, verb: str, path: str) -> dict[str, Any]:
        record = json.loads((self.folder / "sandbox" / "sandbox.json").read_text())
        headers = {"Authorization": f"Bearer {record['token']}"}
        answer = await self.http.request(verb, record["control"] + path, headers=headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@asynccontextmanager
async def site(folder: Path, method: Method) -> AsyncIterator[Site]:
    """Yield a running sandbox, watched; its measurements forget quickly."""
    sandbox = await start(folder / "sandbox", method=method, pace=BRISK)
    quick = folder / "quick"
    quick.mkdir()
    (quick / "sleep").write_text(_SLEEP)
    (quick / "sleep").chmod(0o755)
    environment = replace(
        sandbox.environment,
        window_s=WINDOW_S,
        intervals=INTERVALS,
        step_path=(quick, *sandbox.environment.step_path),
    )
    clock = SystemClock()
    watch = watch_for(environment, clock)
    watching = asyncio.create_task(_keep_watching(watch))
    ledger = SqliteLedger(folder / "ledger.db", clock=clock)
    try:
        async with httpx.AsyncClient() as http:
            yield Site(
                environment=environment, watch=watch, ledger=ledger, folder=folder, http=http
            )
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await watch.aclose()
        ledger.close()
        await sandbox.stop()


def adapted(procedure: Procedure, environment: Environment) -> Procedure:
    """Return the procedure with short soaks, and with the port that stands for the service's own.

    What has to hold for minutes has to hold now: the past of this service is that of the
    procedures before.
    """
    assert environment.api is not None
    port = environment.api.url.rpartition(":")[2]

    def assertion(each: Assertion) -> Assertion:
        match each:
            case PortListening(port="8080"):
                return replace(each, port=port)
            case IndicatorValue():
                return replace(each, for_s=0.0)
            case LogsFree():
                return replace(each, window_s=LOG_WINDOW_S)
        return each

    def adapt(step: Step) -> Step:
        wait = step.wait
        if wait is not None:
            condition = assertion(wait.condition) if wait.condition else None
            wait = replace(wait, duration=SOAK, condition=condition)
        return replace(
            step,
            wait=wait,
            preconditions=tuple(map(assertion, step.preconditions)),
            checks=tuple(map(assertion, step.checks)),
        )

    phases = tuple(
        replace(phase, steps=tuple(map(adapt, phase.steps))) for phase in procedure.phases
    )
    return replace(procedure, phases=phases)


async def _take_turn(walk: Walk, record: StepRecord) -> str:
    """Do what is next; return why it cannot be done, if so."""
    if record.status is StepStatus.FAILED:
        return record.reason
    if record.status is StepStatus.IN_DOUBT:
        return f"in doubt: {record.reason}"
    match record.remaining[0]:
        case Stage.ITEMS:
            await walk.tick(record.id, len(record.ticked))
        case Stage.CHOICE:
            choices = walk.prepare(record.id).step.choices
            way = next((n for n, choice in enumerate(choices) if not choice.target), None)
            if way is None:
                return "no choice ends the procedure: all lead to another one"
            await walk.choose(record.id, way)
        case _:
            await _execute(walk, record)
    return ""


async def _execute(walk: Walk, record: StepRecord) -> None:
    prepared = walk.prepare(record.id)
    if prepared.confirmation is not Confirmation.NONE and record.status is StepStatus.PENDING:
        await walk.confirm(record.id, prepared.confirm_word)
    async for _ in walk.execute(record.id):
        pass


async def _keep_watching(watch: Watch) -> None:
    async for _ in watch.snapshots():
        pass


InputsFor = Callable[[Procedure, Site], Mapping[str, str]]


class Walks:
    """All chosen procedures, walked one after another on each site, the sites side by side."""

    def __init__(self, procedures: Sequence[Procedure], inputs_for: InputsFor) -> None:
        self._procedures = procedures
        self._inputs_for = inputs_for
        self._ends = {
            (procedure.id, method): asyncio.get_running_loop().create_future()
            for procedure in procedures
            for method in procedure.methods
        }

    async def walk_all(self, place: Site) -> None:
        """Walk everything that is written for the site's method."""
        for procedure in self._procedures:
            if place.method in procedure.methods:
                try:
                    end = await place.walk(procedure, self._inputs_for(procedure, place))
                except Exception as error:  # noqa: BLE001 - the test of this document tells it
                    end = End(fault=f"{procedure.id} on {place.method.value}: {error!r}")
                self._ends[procedure.id, place.method].set_result(end)

    async def end(self, procedure: Procedure, method: Method) -> End:
        """Wait until a walk is over."""
        end: End = await self._ends[procedure.id, method]
        return end
