"""Ends that nobody asked for, and sandboxes that are meant to stay."""

import os
import signal

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.home import Home
from tests.e2e.terminal import wait_until

pytestmark = pytest.mark.e2e


def test_a_terminated_console_restores_the_terminal_and_ends_its_sandbox(
    open_console: OpenConsole, home: Home
) -> None:
    console = open_console()
    console.wait_for_dashboard()
    os.kill(console.terminal.pid, signal.SIGTERM)
    assert console.terminal.wait_for_end() == 128 + signal.SIGTERM
    assert console.terminal.is_restored
    assert home.processes() == {}


def test_a_closed_terminal_leaves_neither_console_nor_sandbox(
    open_console: OpenConsole, home: Home
) -> None:
    console = open_console()
    console.wait_for_dashboard()
    console.terminal.hang_up()
    wait_until(lambda: not home.processes(), "end of all processes", tell=home.processes)


def test_a_killed_console_takes_its_sandbox_with_it(open_console: OpenConsole, home: Home) -> None:
    console = open_console()
    console.wait_for_dashboard()
    os.kill(console.terminal.pid, signal.SIGKILL)
    assert console.terminal.wait_for_end() == 128 + signal.SIGKILL
    wait_until(lambda: not home.processes(), "end of the sandbox", tell=home.processes)


def test_a_kept_sandbox_outlives_its_console_and_receives_the_next(
    open_console: OpenConsole, home: Home
) -> None:
    first = open_console("demo", "--keep")
    first.wait_for_dashboard()
    sandbox = home.sandbox_record["pid"]
    assert first.quit() == 0
    assert list(home.processes()) == [sandbox]

    second = open_console()
    second.wait_for_dashboard()
    assert home.sandbox_record["pid"] == sandbox
    assert second.quit() == 0
    assert list(home.processes()) == [sandbox]

    os.kill(sandbox, signal.SIGTERM)
    wait_until(lambda: not home.processes(), "end of the sandbox", tell=home.processes)
