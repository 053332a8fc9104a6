"""One console of an operator who walks the twenty steps to their end, whoever began them.

``python -m tests.faults.console ORDERS`` takes its orders as JSON. It ends with 0 when the run is
over, with REFUSED and the text of the error when the product refuses a turn.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from procedures.clock import SystemClock
from procedures.environment import Environment, Method
from procedures.errors import ProcedureError
from procedures.execution.checks.build import checks_for
from procedures.execution.command import supervision
from procedures.execution.policy.policy import Confirmation, Operator
from procedures.execution.record.station import Pace, Station
from procedures.execution.run.run import RunOutcome, StepRecord, StepStatus
from procedures.execution.walking.progress import OutputArrived, StepEnded
from procedures.execution.walking.walk import Walk
from procedures.sandbox.launcher import start
from procedures.signals.values import Snapshot
from tests.faults.fates import Blow, Fate, FatedLedger, doom
from tests.faults.twenty_steps import STEPS, UNDONE, acts, document

REFUSED, PUZZLED = 3, 4
"""Exit statuses: the product said no; a step failed of which nobody knows why."""

PATIENCE_S = 30.0
_PACE = Pace(settle_s=5.0, recheck_s=0.05, look_s=0.05, grace_s=0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a console is to do.

    Attributes:
        folder: Of this run alone: state, effects and what is noted of both.
        sandbox: State directory of the running sandbox.
        blows: What comes over the process at places of its program.
        steps: How many of the twenty there are.
    """

    folder: str
    sandbox: str
    blows: Sequence[Blow] = field(default_factory=tuple)
    steps: int = len(STEPS)

    def as_text(self) -> str:
        """Return the orders in one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Orders":
        """Return the orders of that line."""
        found = json.loads(text)
        return cls(**{**found, "blows": [Blow(**blow) for blow in found["blows"]]})


class Console:
    """The operator, and what they know beside the console: the file of effects."""

    def __init__(self, orders: Orders) -> None:
        self._folder = Path(orders.folder)
        self._sandbox = Path(orders.sandbox)
        self._state = self._folder / "state"
        self._document = document(orders.steps)
        self._effects = self._folder / "effects"
        self._fate = Fate(orders.blows, self._folder)

    async def walk(self) -> None:
        """Begin the run, or take it up where it stands, and go to its end and back one step."""
        doom(self._fate)
        sandbox = await start(self._sandbox, method=Method.DOCKER)
        facts = {"EFFECTS": str(self._effects), "SPACE": self._folder.name}
        known = sandbox.environment
        environment = replace(known, facts=MappingProxyType({**known.facts, **facts}))
        walk = await self._open(environment)
        await self._go_on(walk)
        if walk.run.step(UNDONE) and not walk.run.rollbacks:
            if not walk.drives:
                await walk.course.take_over("its console has ended")
            await walk.course.go_back("it was an exercise", only=[UNDONE])
            await self._go_on(walk)

    async def _open(self, environment: Environment) -> Walk:
        clock = SystemClock()
        ledger = FatedLedger(self._state / "ledger.db", clock=clock)
        ledger.fate = self._fate
        station = Station(
            ledger=ledger,
            clock=clock,
            operator=Operator(name="ada"),
            state_dir=self._state,
            checks=checks_for(environment, snapshot=_nothing_is_watched, clock=clock),
            pace=_PACE,
        )
        begun = ledger.events(kind_prefix="run.started")
        if begun:
            run_id = begun[-1].subject
            return await Walk.resume(run_id, self._document, environment, station=station)
        return await Walk.start(self._document, environment, {}, station=station)

    async def _go_on(self, walk: Walk) -> None:
        async with asyncio.timeout(4 * PATIENCE_S):
            while walk.run.is_open:
                record = walk.run.current
                if record is None:
                    await walk.refresh()
                    await asyncio.sleep(0.02)
                elif record.status is StepStatus.IN_DOUBT:
                    await self._find_out(walk, record)
                elif record.status is StepStatus.FAILED:
                    self._require_no_act(record)
                    await walk.retry(record.id)
                else:
                    await self._take(walk, record)

    async def _take(self, walk: Walk, record: StepRecord) -> None:
        prepared = walk.prepare(record.id)
        asks = prepared.confirmation is not Confirmation.NONE
        if asks and record.status is StepStatus.PENDING:
            await walk.confirm(record.id, prepared.confirm_word)
        async for progress in walk.execute(record.id):
            if isinstance(progress, OutputArrived):
                self._fate.reach("amid the output")
            elif isinstance(progress, StepEnded) and progress.record.status is StepStatus.PASSED:
                _say(done=record.id)

    async def _find_out(self, walk: Walk, record: StepRecord) -> None:
        """Look at the effects once nothing of the command runs any more, and say what they show."""
        await asyncio.to_thread(_wait_for_survivors, Path(record.folder))
        acted = bool(acts(self._effects)[_act_of(record)])
        doubt = {
            "step": record.id,
            "reason": record.reason,
            "output": await walk.output(record.id),
            "acted": acted,
        }
        with (self._folder / "doubts").open("a") as doubts:
            doubts.write(json.dumps(doubt) + "\n")
        words = "its effect is there" if acted else "its effect is not there"
        await walk.resolve_doubt(record.id, acted, words)

    def _require_no_act(self, record: StepRecord) -> None:
        if acts(self._effects)[_act_of(record)]:
            sys.stdout.write(f"{record.id} acted and failed: {record.reason}\n")
            raise SystemExit(PUZZLED)


def main(orders: Orders) -> int:
    """Walk; return the exit status."""
    try:
        asyncio.run(Console(orders).walk())
    except ProcedureError as error:
        _say(what=error.what, fix=error.fix)
        return REFUSED
    return 0


def _say(**words: str) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def is_over(outcome: RunOutcome) -> bool:
    """Tell whether the whole way has been gone, there and back."""
    return outcome is RunOutcome.ROLLED_BACK


def _act_of(record: StepRecord) -> str:
    return f"undo:{record.undoes}" if record.undoes else record.id


def _wait_for_survivors(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while supervision.surviving_group(folder):
        assert time.monotonic() < deadline, f"the command of {folder} does not end"
        time.sleep(0.02)


def _nothing_is_watched() -> Snapshot:
    raise AssertionError("no step of these asks the watch")


if __name__ == "__main__":
    sys.exit(main(Orders.from_text(sys.argv[1])))
