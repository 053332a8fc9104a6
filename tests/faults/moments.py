"""One run of the twenty steps under blows, watched from outside, and what came of each blow."""

import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from procedures.clock import SystemClock
from procedures.execution.run.fold import fold
from procedures.execution.run.run import Run
from procedures.ledger import schema
from procedures.ledger.event import Event
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.faults.console import Orders, is_over
from tests.faults.fates import (
    BOTH,
    CONSOLE,
    IN_SUPERVISOR,
    SUPERVISOR,
    SUPERVISOR_PLACES,
    Blow,
    Strike,
    kill_supervisors,
    note_strike,
    strikes,
    working_in,
)
from tests.faults.twenty_steps import BACKGROUND, STEPS, UNDONE, acts, printed
from tests.faults.yard import OpenConsole, Yard

LIVES = 5
"""Consoles that one run uses up before one is left in peace."""

LIFE_S = 2.5
NTH = 6
"""A place is reached at most so many times before the blow comes."""

PATIENCE_S = 90.0
BY_THE_CLOCK = "by the clock"

_PLACES = (
    *(f"{side} {kind}" for side in ("before", "behind") for kind in ("step.started",) * 3),
    *(f"{side} {kind}" for side in ("before", "behind") for kind in ("step.finished",) * 3),
    *(f"{side} step.confirmed" for side in ("before", "behind")),
    *(f"{side} the folder" for side in ("before", "behind")),
    *(f"{side} the start" for side in ("before", "behind") for _ in range(3)),
    "amid the output",
)
_RARE_PLACES = (
    *(
        f"{side} {kind}"
        for side in ("before", "behind")
        for kind in (
            "run.started",
            "run.taken",
            "step.lapsed",
            "step.left-running",
            "background.finished",
            "step.checked",
            "step.waiting",
            "step.in-doubt",
            "step.doubt-resolved",
            "step.retried",
            "run.completed",
            "rollback.begun",
        )
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One blow, and what came of it.

    Attributes:
        found: Where the run stood when it came.
        became: What the record tells of that step afterwards.
    """

    strike: Strike
    step: str
    found: str
    became: str


class Story:
    """One run, from its first console to its last.

    Args:
        number: Of the run; with the seed it decides on every blow.
        folder: For this run alone.
        sandbox: State directory of the running sandbox.
    """

    def __init__(self, number: int, *, seed: str, folder: Path, sandbox: Path) -> None:
        self.folder = folder
        self._sandbox = sandbox
        self._random = random.Random(f"{seed}/{number}")
        folder.mkdir()

    def play(self, yard: Yard) -> list[str]:
        """Let the blows come, and the run get to its end; return what is wrong, if anything."""
        for _ in range(LIVES):
            if self._live(yard, self._blows()) == 0:
                break
        else:
            self._live(yard, ())
        return [*self._faults(), *self._faults_of_the_end()]

    def moments(self) -> Iterator[Moment]:
        """Yield what came of each blow."""
        with closing(self._ledger()) as ledger:
            events = ledger.events()
        for strike in strikes(self.folder):
            yield _moment(strike, events)

    def _blows(self) -> Sequence[Blow]:
        """Choose what comes over one console: its own end, perhaps one of a supervisor before."""
        chance = self._random
        blows = []
        if chance.random() < 0.3:
            blows.append(self._blow(SUPERVISOR))
        blows.append(self._blow(chance.choice((CONSOLE, CONSOLE, BOTH))))
        if blows[-1].place:
            # Where that place is never reached, the clock ends the console.
            blows.append(Blow(victim=CONSOLE, after_s=2 * LIFE_S))
        return blows

    def _blow(self, victim: str) -> Blow:
        chance = self._random
        after_s = chance.uniform(0, LIFE_S)
        if chance.random() < 0.4:
            return Blow(victim=victim, after_s=after_s)
        if victim == SUPERVISOR or (victim == BOTH and chance.random() < 0.5):
            place, nth = IN_SUPERVISOR + chance.choice(SUPERVISOR_PLACES), NTH
        elif chance.random() < 0.2:
            place, nth = chance.choice(_RARE_PLACES), 1
        else:
            place, nth = chance.choice(_PLACES), NTH
        return Blow(victim=victim, place=place, nth=chance.randint(1, nth))

    def _live(self, yard: Yard, blows: Sequence[Blow]) -> int:
        """Open a console and let ``blows`` come; return its exit status."""
        orders = Orders(folder=str(self.folder), sandbox=str(self._sandbox), blows=blows)
        console = yard.open(orders)
        opened = time.monotonic()
        for blow in sorted((b for b in blows if not b.place), key=lambda each: each.after_s):
            left = max(0.0, opened + blow.after_s - time.monotonic())
            if (status := console.wait(left)) is not None:
                return self._ended(console, status)
            self._strike(console, blow.victim)
        status = console.wait(PATIENCE_S)
        if status is None:
            console.kill()
            console.wait(PATIENCE_S)
            raise AssertionError(f"a console did not come to its end: {console.log.read_text()}")
        return self._ended(console, status)

    def _strike(self, console: OpenConsole, victim: str) -> None:
        if victim == SUPERVISOR:
            if kill_supervisors(self.folder):
                note_strike(self.folder, victim, "")
            return
        first = self._random.random() < 0.5
        note_strike(self.folder, victim, "")
        if victim == BOTH and first:
            kill_supervisors(self.folder)
        console.kill()
        if victim == BOTH and not first:
            kill_supervisors(self.folder)

    def _ended(self, console: OpenConsole, status: int) -> int:
        if status not in (0, -9):
            raise AssertionError(f"a console ended with {status}: {console.log.read_text()}")
        if faults := self._faults():
            raise AssertionError("; ".join(faults))
        return status

    def _faults(self) -> list[str]:
        """Return what must never be, whatever has happened: looked for after every console."""
        if not self._has_ledger():
            return []
        # Read before the record, which must be ahead of it.
        acted = acts(self.folder / "effects")
        with closing(self._ledger()) as ledger:
            verified, events = ledger.verify(), ledger.events()
        started = {event.body["step"] for event in events if event.kind == "step.started"}
        acts_started = {_act_of(step) for step in started}
        faults = [f"{act} acted {count} times" for act, count in acted.items() if count > 1]
        faults += [f"{act} acted and is not recorded" for act in acted if act not in acts_started]
        if verified.broken_at is not None:
            faults.append(f"the chain breaks at {verified.broken_at}: {verified.problem}")
        if events:
            fold(events)
        return faults

    def _faults_of_the_end(self) -> list[str]:
        with closing(self._ledger()) as ledger:
            run = fold(ledger.events())
        _wait_until_quiet(self.folder)
        acted = acts(self.folder / "effects")
        wanted = [*STEPS, f"undo:{UNDONE}"]
        if (behind := run.step(BACKGROUND)) and "no word" in behind.reason:
            wanted.remove(BACKGROUND)  # Told to be lost: it may have acted or not.
        faults = [f"{act} never acted" for act in wanted if not acted[act]]
        for log in (self.folder / "state" / "runs").rglob("supervisor.log"):
            if "Traceback" in (told := log.read_text()):
                faults.append(f"{log} says {told}")
        if not is_over(run.outcome):
            faults.append(f"the run is {run.outcome.value}")
        return faults + list(self._faults_of_doubts())

    def _faults_of_doubts(self) -> Iterator[str]:
        path = self.folder / "doubts"
        for line in path.read_text().splitlines() if path.exists() else ():
            doubt = json.loads(line)
            step, output = doubt["step"], doubt["output"]
            if not doubt["reason"]:
                yield f"{step} is in doubt without a reason"
            if step in STEPS and not printed(step).startswith(output):
                yield f"{step} is in doubt with the wrong output {output!r}"

    def _has_ledger(self) -> bool:
        """Tell whether a console lived long enough to furnish one."""
        path = self.folder / "state" / "ledger.db"
        if not path.exists():
            return False
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return not schema.is_empty(connection)

    def _ledger(self) -> SqliteLedger:
        path = self.folder / "state" / "ledger.db"
        return SqliteLedger(path, clock=SystemClock(), read_only=True)


def _moment(strike: Strike, events: Sequence[Event]) -> Moment:
    at = datetime.fromtimestamp(strike.at, UTC)
    before = [event for event in events if event.at <= at]
    if not before:
        return Moment(strike=strike, step="", found="no run yet", became="begun later")
    run = fold(before)
    current = run.current
    if current is None:
        found = run.outcome.value if not run.is_open else "waits for the background"
        return Moment(strike=strike, step="", found=found, became="went on")
    since = [e for e in events[len(before) :] if e.body.get("step") == current.id]
    found = current.status.value
    return Moment(strike=strike, step=current.id, found=found, became=_became(run, since))


def _became(run: Run, since: Sequence[Event]) -> str:
    for event in since:
        match event.kind:
            case "step.finished" if event.body["exit_code"] == 0:
                return "end recorded"
            case "step.finished":
                return "nothing was run"
            case "step.left-running":
                return "goes on behind"
            case "step.checked" | "step.waiting":
                return "checked further"
            case "step.started" | "step.lapsed" | "step.confirmed":
                return "had not begun"
            case "step.retried":
                return "tried again"
            case "step.doubt-resolved":
                return "in doubt: had run" if event.body["passed"] else "in doubt: had not"
    return "went on" if run.is_open else "nothing more"


def _act_of(step: str) -> str:
    """Return the line in the file of effects that a step of a run leaves."""
    return step.rpartition(":")[0] if step.startswith("undo:") else step


def _wait_until_quiet(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while working_in(folder / "state" / "runs", ""):
        assert time.monotonic() < deadline, "a supervisor does not end"
        time.sleep(0.05)
