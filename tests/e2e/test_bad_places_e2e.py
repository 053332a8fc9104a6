"""Disks that are full or read-only: told clearly, before anything is lost."""

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.console import Console
from tests.e2e.home import Home
from tests.e2e.places import filled, mounted, read_only

pytestmark = pytest.mark.e2e


def require_refusal(console: Console, place: str) -> None:
    assert console.terminal.wait_for_end() == 2
    told = console.terminal.screen()
    assert place in told.replace("\n", "")
    assert "Make the directory writable" in told
    assert "Traceback" not in told
    assert console.terminal.is_restored


def test_a_read_only_sandbox_directory_is_named_and_the_console_ends(
    open_console: OpenConsole, home: Home
) -> None:
    home.sandbox.mkdir()
    with read_only(home.sandbox):
        require_refusal(open_console(), str(home.sandbox))
        piped = home.run("demo")
    assert piped.returncode in (2, 3)
    assert str(home.sandbox) in piped.stderr
    console = open_console()
    console.wait_for_dashboard()
    assert console.quit() == 0


def test_a_full_sandbox_directory_is_named_and_spoils_nothing(
    open_console: OpenConsole, home: Home
) -> None:
    home.sandbox.mkdir()
    with mounted(home.sandbox, "size=2m"):
        with filled(home.sandbox):
            require_refusal(open_console(), str(home.sandbox))
        console = open_console()
        console.wait_for_dashboard()
        assert console.quit() == 0


def test_without_a_writable_ledger_nothing_is_begun_and_the_reason_is_shown(
    open_console: OpenConsole, home: Home
) -> None:
    home.state.mkdir()
    with read_only(home.state):
        console = open_console()
        console.wait_for_dashboard()
        console.open_procedure("Complete health check")
        console.terminal.wait_for("Enter begins")
        console.terminal.press("Enter")
        console.terminal.wait_for(str(home.state))
        console.terminal.wait_for("Enter begins")
        assert console.quit() == 0
    assert list(home.state.iterdir()) == []


def test_a_disk_that_fills_up_stops_the_run_before_its_next_step(
    open_console: OpenConsole, home: Home
) -> None:
    home.state.mkdir()
    with mounted(home.state, "size=2m"):
        console = open_console()
        console.wait_for_dashboard()
        console.begin("Cache flush")
        with filled(home.state):
            recorded = home.events()
            console.terminal.press("Enter")
            console.terminal.wait_for("the disk is full")
            console.wait_for_steps(0)
        assert home.events() == recorded
        console.take_steps([1])
        console.abort("enough seen")
        assert console.quit() == 0
        assert home.run("ledger", "verify").returncode == 0
