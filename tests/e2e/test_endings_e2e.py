"""Ends that nobody asked for, and sandboxes that are meant to stay."""

import os
import signal
import sys

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.console import Console
from tests.e2e.home import Home
from tests.e2e.service_screen import go_to_service, wait_for_more
from tests.e2e.terminal import Terminal, wait_until

pytestmark = pytest.mark.e2e

WITHOUT_HANGUP = """\
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
os.execv(sys.argv[1], sys.argv[1:])
"""


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


def test_a_terminal_that_is_gone_without_a_signal_leaves_nothing_either(
    tmux: None, home: Home
) -> None:
    terminal = Terminal(
        [sys.executable, "-c", WITHOUT_HANGUP, *home.argv("demo")],
        width=200,
        height=50,
        variables=home.variables,
        folder=home.path,
    )
    with terminal:
        console = Console(home, terminal)
        console.wait_for_dashboard()
        wait_for_more(go_to_service(console))
        terminal.hang_up()
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
