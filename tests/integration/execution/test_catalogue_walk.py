"""Every shipped procedure is walked to its end, by every method, against the embedded service.

Each command is run as an operator's step runs it, and each check is held against what happens. A
command that the sandbox's tools do not know fails its step, and the test names it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Environment, Intervals, Method
from procedures.execution.build import checks_for
from procedures.execution.policy import Confirmation
from procedures.execution.run import Run, RunOutcome, Stage, StepRecord, StepStatus
from procedures.execution.verification import Pace
from procedures.execution.walk import Walk
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.runbook.catalogue import load
from procedures.runbook.model import Procedure
from procedures.sandbox import pace
from procedures.sandbox.launcher import start
from procedures.signals.build import watch_for
from procedures.signals.watch import Watch

BRISK = pace.Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=1.0)
INTERVALS = Intervals(metrics_s=1.0, health_s=1.0, alerts_s=1.0)
WINDOW_S = 15
SOAK = timedelta(seconds=1)
KEY = [name for name, each in load_indicators().items() if each.key]
CATALOGUE = {each.id: each for each in load().procedures}


@asynccontextmanager
async def service(folder: Path, method: Method) -> AsyncIterator[Environment]:
    """Yield a running sandbox as an environment whose measurements forget quickly."""
    sandbox = await start(folder, method=method, pace=BRISK)
    try:
        yield replace(sandbox.environment, window_s=WINDOW_S, intervals=INTERVALS)
    finally:
        await sandbox.stop()


def shortened(procedure: Procedure) -> Procedure:
    """Return the procedure with soaks of a second: what they wait for is what counts."""
    phases = tuple(
        replace(
            phase,
            steps=tuple(
                replace(step, wait=step.wait and replace(step.wait, duration=SOAK))
                for step in phase.steps
            ),
        )
        for phase in procedure.phases
    )
    return replace(procedure, phases=phases)


async def walk_through(procedure: Procedure, environment: Environment, state: Path) -> Run:
    """Walk as an operator does who confirms everything and always goes on."""
    clock = SystemClock()
    watch = watch_for(environment, clock)
    ledger = SqliteLedger(state / "ledger.db", clock=clock)
    calm = asyncio.Event()
    watching = asyncio.create_task(_keep_watching(watch, calm))
    try:
        async with asyncio.timeout(60):
            await calm.wait()
        walk = await Walk.start(
            procedure,
            environment,
            {},
            ledger=ledger,
            clock=clock,
            operator="ada",
            state_dir=state,
            checks=checks_for(environment, snapshot=lambda: watch.latest, clock=clock),
            pace=Pace(settle_s=60.0, recheck_s=0.5, look_s=0.5),
        )
        async with asyncio.timeout(240):
            while (record := walk.run.current) is not None:
                await _take_turn(walk, record)
        return walk.run
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        await watch.aclose()
        ledger.close()


async def _keep_watching(watch: Watch, calm: asyncio.Event) -> None:
    """Follow the service; it is calm once a whole window has been seen and all is well in it."""
    first = None
    async for snapshot in watch.snapshots():
        first = first or snapshot.at
        seen_s = (snapshot.at - first).total_seconds()
        if seen_s > WINDOW_S and all(snapshot.readings[n].state is State.OK for n in KEY):
            calm.set()


async def _take_turn(walk: Walk, record: StepRecord) -> None:
    if record.status is StepStatus.FAILED:
        printed = await walk.output(record.id)
        raise AssertionError(f"step '{record.title}': {record.reason}\n{printed}")
    match record.remaining[0]:
        case Stage.ITEMS:
            await walk.tick(record.id, len(record.ticked))
        case Stage.CHOICE:
            choices = walk.prepare(record.id).step.choices
            await walk.choose(record.id, next(n for n, c in enumerate(choices) if not c.target))
        case _:
            await _execute(walk, record)


async def _execute(walk: Walk, record: StepRecord) -> None:
    prepared = walk.prepare(record.id)
    if prepared.confirmation is not Confirmation.NONE and record.status is StepStatus.PENDING:
        await walk.confirm(record.id, prepared.confirm_word)
    async for _ in walk.execute(record.id):
        pass


@pytest.mark.parametrize("procedure_id", CATALOGUE)
async def test_a_shipped_procedure_can_be_walked_to_its_end_by_every_method(
    tmp_path: Path, procedure_id: str
) -> None:
    procedure = shortened(CATALOGUE[procedure_id])

    async def walked(method: Method) -> Run:
        place = tmp_path / method.value
        async with service(place / "sandbox", method) as environment:
            return await walk_through(procedure, environment, place / "state")

    # All at once: most of it is waiting.
    ends = await asyncio.gather(*map(walked, procedure.methods), return_exceptions=True)
    for method, end in zip(procedure.methods, ends, strict=True):
        assert not isinstance(end, BaseException), f"on {method.value}: {end!r}"
        assert end.outcome is RunOutcome.COMPLETED
        assert {step.status for step in end.steps} == {StepStatus.PASSED}
