"""Where a console or a supervisor comes to its end: chosen places that are reached in a process.

All of it lives in the tests: functions of the product are wrapped in the process that is to die.
"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace

from procedures.execution.command import supervision, supervisor
from procedures.execution.command.supervision import CommandSpec
from procedures.ledger.event import Draft, Event
from procedures.ledger.sqlite_ledger import SqliteLedger

CONSOLE, SUPERVISOR, BOTH, GATE = "console", "supervisor", "both", "gate"
"""Who dies; at a gate nobody does, the console waits there."""

IN_SUPERVISOR = "supervisor: "
VARIABLE = "QUARTERDECK_TESTS_FATE"
"""Tells a doomed supervisor where it dies, and whose console goes with it."""

SUPERVISOR_PLACES = (
    "before the lock",
    "behind the lock",
    "behind the fork",
    "before the command",
    "behind the start of the command",
    "beside the command",
    "before the status",
    "amid the status",
    "behind the status",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """One fault to come.

    Attributes:
        victim: CONSOLE, SUPERVISOR or BOTH, or GATE.
        place: Where in the program; empty for a blow by the clock.
        nth: At which time that the place is reached, from 1.
        after_s: Seconds after the console was opened, for a blow by the clock.
    """

    victim: str
    place: str = ""
    nth: int = 1
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A blow that has come.

    Attributes:
        place: As in :class:`Blow`.
        at: Seconds of the Unix epoch.
    """

    victim: str
    place: str
    at: float


def note_strike(folder: Path, victim: str, place: str) -> None:
    """Leave word that a blow comes now."""
    line = json.dumps(asdict(Strike(victim=victim, place=place, at=time.time()))) + "\n"
    descriptor = os.open(folder / "strikes", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def strikes(folder: Path) -> list[Strike]:
    """Return the blows that have come."""
    path = folder / "strikes"
    lines = path.read_text().splitlines() if path.exists() else []
    return [Strike(**json.loads(line)) for line in lines]


def working_in(folder: Path, word: str = "supervisor.py") -> list[int]:
    """Return the processes whose command line names ``folder`` and ``word``."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = each.read_bytes()
            if os.fsencode(folder) in words and word.encode() in words:
                found.append(int(each.parent.name))
    return found


def kill_supervisors(folder: Path) -> bool:
    """Kill every supervisor of a run below ``folder``; tell whether there was one."""
    found = working_in(folder / "state" / "runs")
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return bool(found)


GATE_S = 120.0
"""A console whose test has died must not wait for ever."""


class Fate:
    """The blows that one console process has to expect at places of its own program.

    Args:
        folder: Of the run; takes note of what comes.
    """

    def __init__(self, blows: Sequence[Blow], folder: Path) -> None:
        self._blows = [blow for blow in blows if blow.place]
        self._folder = folder
        self._reached: Counter[str] = Counter()

    def reach(self, place: str) -> None:
        """Take the blow that waits at this place, if one does."""
        self._reached[place] += 1
        for blow in self._blows:
            if (blow.place, blow.nth) == (place, self._reached[place]):
                self._take(blow)

    def spell_for_supervisor(self) -> str:
        """Return what the next supervisor has to be told of its end; empty if it lives."""
        for place in SUPERVISOR_PLACES:
            self._reached[IN_SUPERVISOR + place] += 1
        for blow in self._blows:
            if blow.place.startswith(IN_SUPERVISOR) and blow.nth == self._reached[blow.place]:
                console = os.getpid() if blow.victim == BOTH else 0
                place = blow.place.removeprefix(IN_SUPERVISOR)
                return json.dumps({"place": place, "console": console, "folder": str(self._folder)})
        return ""

    def _take(self, blow: Blow) -> None:
        if blow.victim == GATE:
            (self._folder / "reached").touch()
            deadline = time.monotonic() + GATE_S
            while not (self._folder / "go").exists():
                assert time.monotonic() < deadline, "nobody opens the gate"
                time.sleep(0.005)
            return
        note_strike(self._folder, blow.victim, blow.place)
        if blow.victim in (SUPERVISOR, BOTH):
            kill_supervisors(self._folder)
        if blow.victim in (CONSOLE, BOTH):
            os.kill(os.getpid(), signal.SIGKILL)


class FatedLedger(SqliteLedger):
    """A ledger whose console may die before and behind each record."""

    fate: Fate

    def append(self, draft: Draft, *, after: int | None = None) -> Event:
        self.fate.reach(f"before {draft.kind}")
        event = super().append(draft, after=after)
        self.fate.reach(f"behind {draft.kind}")
        return event


def doom(fate: Fate) -> None:
    """Let this process reach its places around folders and supervisors of commands."""
    lay_out, launch = supervision.lay_out, supervision.launch
    program = str(Path(__file__).with_name("doomed_supervisor.py"))
    doomed = SimpleNamespace(__file__=program, STARTED=supervisor.STARTED)

    def laid_out(folder: Path, spec: CommandSpec) -> None:
        fate.reach("before the folder")
        lay_out(folder, spec)
        fate.reach("behind the folder")

    def launched(folder: Path, *, env: Mapping[str, str], secrets: Iterable[str] = ()) -> None:
        fate.reach("before the start")
        if spell := fate.spell_for_supervisor():
            os.environ[VARIABLE] = spell
            vars(supervision)["supervisor"] = doomed
        try:
            launch(folder, env=env, secrets=secrets)
        finally:
            os.environ.pop(VARIABLE, None)
            vars(supervision)["supervisor"] = supervisor
        fate.reach("behind the start")

    supervision.lay_out, supervision.launch = laid_out, launched
