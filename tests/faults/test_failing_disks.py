"""Disks that fail while a run is walked: it stops where it is, says why, and loses nothing."""

import errno
import json
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from procedures.clock import SystemClock
from procedures.execution.run.fold import fold
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.ledger.event import Event
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.e2e.places import filled, mounted
from tests.e2e.terminal import wait_until
from tests.faults.console import REFUSED, Orders
from tests.faults.fates import CONSOLE, GATE, Blow
from tests.faults.twenty_steps import STEPS, acts
from tests.faults.yard import OpenConsole, Yard

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("sandbox")]

LENGTH = 4
STEP = STEPS[2]
"""The destructive one, in the middle of a run of so many."""

PLACES = {
    "before step.confirmed": 2,
    "before the folder": 3,
    "before step.started": 3,
    "before step.finished": 3,
}
"""Moments of STEP at which its command does not run, and at which time each is reached then."""

END_S = 20.0

Failure = Callable[[Path], AbstractContextManager[None]]


class Ship:
    """One run on a disk that is going to fail.

    Attributes:
        state: The console's directory, on that disk.
    """

    def __init__(self, yard: Yard, folder: Path, sandbox: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir()
        self._consoles: list[OpenConsole] = []
        self._yard = yard
        self._sandbox = sandbox

    def open(self, *blows: Blow) -> OpenConsole:
        """Open a console."""
        orders = Orders(
            folder=str(self.folder), sandbox=str(self._sandbox), blows=blows, steps=LENGTH
        )
        self._consoles.append(self._yard.open(orders))
        return self._consoles[-1]

    def leave(self) -> None:
        """Kill the consoles that a failed test has left."""
        for console in self._consoles:
            if console.status is None:
                console.kill()
                console.wait(END_S)

    def open_at(self, place: str, nth: int) -> OpenConsole:
        """Open a console and wait until it stands at that place."""
        console = self.open(Blow(victim=GATE, place=place, nth=nth))
        wait_until((self.folder / "reached").exists, place, tell=console.log.read_text)
        return console

    def go(self) -> None:
        """Let the console go on from there."""
        (self.folder / "go").touch()

    def recorded(self) -> tuple[Event, ...]:
        """Return the record, whose chain must hold."""
        path = self.state / "ledger.db"
        with closing(SqliteLedger(path, clock=SystemClock(), read_only=True)) as ledger:
            assert ledger.verify().broken_at is None
            return tuple(ledger.events())

    def require_all_done(self, before: tuple[Event, ...], shown: list[str]) -> None:
        """Require that nothing is missing of what was recorded and shown, nor done twice."""
        after = self.recorded()
        assert after[: len(before)] == before
        run = fold(after)
        assert run.outcome is RunOutcome.COMPLETED
        assert {step.status for step in run.steps} == {StepStatus.PASSED}
        assert set(shown) <= {step.id for step in run.steps}
        assert acts(self.folder / "effects") == dict.fromkeys(STEPS[:LENGTH], 1)


@pytest.fixture(scope="module")
def failing_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that makes disks fail, built here."""
    if not shutil.which("gcc"):
        pytest.skip("gcc is not installed; run `apt-get install gcc libc6-dev`")
    library = tmp_path_factory.mktemp("library") / "failing_disk.so"
    source = Path(__file__).with_name("failing_disk.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that tells the library what fails."""
    return tmp_path_factory.mktemp("order") / "failing"


@pytest.fixture(scope="module")
def yard(failing_disk: Path, order: Path) -> Iterator[Yard]:
    with Yard(LD_PRELOAD=str(failing_disk), FAILING_DISK=str(order)) as yard:
        yield yard


@pytest.fixture
def ship(yard: Yard, tmp_path: Path, sandbox_dir: Path) -> Iterator[Ship]:
    # Its name is that of a namespace of the one service: each run has its own.
    folder = tmp_path / f"disk-{secrets.token_hex(4)}"
    folder.mkdir()
    ship = Ship(yard, folder, sandbox_dir)
    yield ship
    ship.leave()


@contextmanager
def refusing(order: Path, number: int, scope: str, place: Path) -> Iterator[None]:
    """Let every write below ``place`` fail, or only what makes it durable."""
    preliminary = order.with_suffix(".new")
    preliminary.write_text(f"{number} {scope} {place}\n")
    preliminary.replace(order)
    try:
        yield
    finally:
        order.unlink()


@pytest.fixture(params=["full", "input/output error", "error of sync alone", "read-only"])
def failure(request: pytest.FixtureRequest, order: Path, ship: Ship) -> Iterator[Failure]:
    """One way to fail; a context of the directory."""
    match request.param:
        case "full":
            with mounted(ship.state, "size=1m"):
                yield filled
        case "input/output error":
            yield lambda place: refusing(order, errno.EIO, "all", place)
        case "error of sync alone":
            yield lambda place: refusing(order, errno.EIO, "sync", place)
        case _:
            yield lambda place: refusing(order, errno.EROFS, "all", place)


def said(console: OpenConsole) -> list[dict[str, Any]]:
    return [json.loads(line) for line in console.log.read_text().splitlines()]


def shown_as_done(*consoles: OpenConsole) -> list[str]:
    return [words["done"] for each in consoles for words in said(each) if "done" in words]


def require_clear_error(console: OpenConsole, state: Path) -> None:
    words = said(console)[-1]
    assert str(state) in words["what"]
    assert words["fix"]


@pytest.mark.parametrize("place", PLACES)
def test_a_disk_that_fails_stops_the_run_at_a_step_and_later_it_goes_on(
    place: str, failure: Failure, ship: Ship
) -> None:
    console = ship.open_at(place, PLACES[place])
    before = ship.recorded()
    with failure(ship.state):
        ship.go()
        assert console.wait(END_S) == REFUSED, console.log.read_text()
        require_clear_error(console, ship.state)
        shown = shown_as_done(console)
        assert STEP not in shown
    second = ship.open()
    assert second.wait(END_S) == 0, second.log.read_text()
    ship.require_all_done(before, [*shown, *shown_as_done(second)])


@pytest.mark.parametrize("place", ["before the start", "behind the start"])
def test_a_disk_that_fails_once_a_command_is_recorded_neither_stops_nor_repeats_it(
    place: str, failure: Failure, ship: Ship
) -> None:
    console = ship.open_at(place, 3)
    before = ship.recorded()
    with failure(ship.state):
        ship.go()
        # On some disks a supervisor can still start, without a word on the disk; on others not.
        effects = ship.folder / "effects"
        wait_until(lambda: acts(effects)[STEP] or console.wait(0) == REFUSED, "effect or refusal")
        assert STEP not in shown_as_done(console)
        assert ship.recorded() == before
    # Its supervisor keeps the end until the disk takes it; whoever looks then finds it.
    status = console.wait(END_S)
    if status:
        assert status == REFUSED
        require_clear_error(console, ship.state)
    shown = shown_as_done(console)
    second = ship.open()
    assert second.wait(END_S) == 0, second.log.read_text()
    ship.require_all_done(before, [*shown, *shown_as_done(second)])


def test_a_directory_mounted_read_only_between_two_consoles_is_named_and_nothing_is_done(
    ship: Ship,
) -> None:
    with mounted(ship.state, "size=8m"):
        killed = ship.open(Blow(victim=CONSOLE, place="before step.confirmed", nth=2))
        assert killed.wait(END_S) == -signal.SIGKILL
        before, acted = ship.recorded(), acts(ship.folder / "effects")
        subprocess.run(["mount", "-o", "remount,ro", ship.state], check=True)
        refused = ship.open()
        assert refused.wait(END_S) == REFUSED, refused.log.read_text()
        require_clear_error(refused, ship.state)
        assert acts(ship.folder / "effects") == acted
        subprocess.run(["mount", "-o", "remount,rw", ship.state], check=True)
        last = ship.open()
        assert last.wait(END_S) == 0, last.log.read_text()
        ship.require_all_done(before, shown_as_done(killed, last))
