"""A console that is killed while a command runs loses nothing, and repeats nothing."""

import os
import signal

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.home import Home
from tests.e2e.terminal import START_S, wait_until
from tests.e2e.tide import CAST_OFF, RISEN, cast_off, require_the_rest, rise, take_up, words

pytestmark = pytest.mark.e2e

RESTART = "restart-the-replicas-one-at-a-time"


def kinds(home: Home, step: str) -> list[str]:
    return [event.kind for event in home.events() if event.body.get("step") == step]


def test_a_run_whose_console_was_killed_is_taken_up_and_nothing_is_done_twice(
    open_console: OpenConsole, home: Home
) -> None:
    killed = open_console("demo", "--method", "kubernetes")
    killed.wait_for_dashboard()
    killed.begin("Rolling restart")
    killed.take_steps([1])
    killed.tick(2)
    killed.wait_for_steps(2)
    killed.confirm_change()
    killed.terminal.wait_for("Waiting for deployment")
    os.kill(killed.terminal.pid, signal.SIGKILL)
    killed.terminal.wait_for_end()

    console = open_console("demo", "--method", "kubernetes")
    console.wait_for_dashboard()
    console.terminal.wait_for("▶ rolling-restart")
    console.go_to_procedures()
    rows = console.terminal.screen().splitlines()
    heading = next(n for n, row in enumerate(rows) if row.startswith(" Procedures "))
    assert rows[heading + 2].startswith(" ▶ unfinished Rolling restart")
    console.open_row("▶ unfinished Rolling restart", below="Procedures", skip=1)
    # The service went with the console: the command ends well or badly, but its end is told.
    ended = r"Restart the replicas .* (failed|in doubt)|\b3 of \d+ steps done"
    console.terminal.wait_for(ended, 4 * START_S)
    assert kinds(home, RESTART).count("step.started") == 1
    outputs = [each.read_text() for each in (home.state / "runs").rglob("output")]
    assert "".join(outputs).count(" restarted\n") == 1

    console.abort("the drill is over")
    # The restart may stand, and can be undone: that is offered at once.
    console.terminal.wait_for("The way back")
    console.close("The way back")
    assert console.quit() == 0
    assert home.events()[-1].kind == "run.aborted"
    assert home.run("ledger", "verify").returncode == 0
    wait_until(lambda: not home.processes(), "end of all processes", tell=home.processes)


def test_a_command_outlives_its_killed_console_and_the_next_one_follows_it_live(
    open_console: OpenConsole, home: Home
) -> None:
    killed = open_console(*words(home), size=(100, 30))
    killed.wait_for_dashboard()
    cast_off(killed)
    os.kill(killed.terminal.pid, signal.SIGKILL)
    assert killed.terminal.wait_for_end() == 128 + signal.SIGKILL

    console = open_console(*words(home), size=(100, 30))
    console.wait_for_dashboard()
    take_up(console)
    console.terminal.wait_for(CAST_OFF)
    assert kinds(home, "cast-off")[-1] == "step.started"
    rise(home)
    console.terminal.wait_for(RISEN)
    require_the_rest(console)
