"""An operator's SSH connection is cut in the middle of a step: the step goes on without them."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.console import Console
from tests.e2e.home import Home, own_home
from tests.e2e.terminal import Terminal, missing_tmux, wait_until
from tests.e2e.tide import (
    CAST_OFF,
    RISEN,
    cast_off,
    consoles,
    kinds,
    require_the_rest,
    rise,
    take_up,
    words,
)
from tests.faults.ssh_server import SshServer, missing_ssh, running_server

pytestmark = pytest.mark.e2e

Cut = Callable[[SshServer, Console], None]


def kill_client(_: SshServer, console: Console) -> None:
    os.kill(console.terminal.pid, signal.SIGKILL)


def kill_session(server: SshServer, _: Console) -> None:
    server.kill_sessions()


def hang_up(_: SshServer, console: Console) -> None:
    (pid,) = consoles(console.home)
    os.kill(pid, signal.SIGHUP)


CUTS: list[Cut] = [kill_client, kill_session, hang_up]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    if missing := missing_ssh() or missing_tmux():
        pytest.skip(missing)
    with running_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def home() -> Iterator[Home]:
    """An empty home."""
    with own_home() as home:
        yield home


@contextmanager
def connected(server: SshServer, home: Home) -> Iterator[Console]:
    """Open the console at the other end of a connection."""
    terminal = Terminal(
        server.client(home.argv(*words(home)), home.variables),
        width=100,
        height=30,
        variables={name: os.environ[name] for name in ("PATH", "HOME")} | {"LANG": "C.UTF-8"},
        folder=Path(tempfile.mkdtemp(prefix="t-", dir=home.path)),
    )
    with terminal:
        console = Console(home, terminal)
        console.wait_for_dashboard()
        yield console


def cut_in_mid_step(server: SshServer, home: Home, cut: Cut) -> None:
    """Begin the run, and lose the connection while its first step runs."""
    with connected(server, home) as console:
        cast_off(console)
        cut(server, console)
        console.terminal.wait_for_end()
    wait_until(lambda: not consoles(home), "end of the console", tell=home.processes)
    assert kinds(home)[-1] == "step.started"


@pytest.mark.parametrize("cut", CUTS)
def test_a_step_outlives_a_cut_connection_and_the_next_one_follows_it_live(
    cut: Cut, server: SshServer, home: Home
) -> None:
    cut_in_mid_step(server, home, cut)
    with connected(server, home) as console:
        take_up(console)
        console.terminal.wait_for(CAST_OFF)
        assert kinds(home)[-1] == "step.started"
        rise(home)
        console.terminal.wait_for(RISEN)
        require_the_rest(console)


@pytest.mark.parametrize("cut", CUTS)
def test_a_step_that_ended_while_nobody_was_connected_is_shown_with_its_end(
    cut: Cut, server: SshServer, home: Home
) -> None:
    cut_in_mid_step(server, home, cut)
    rise(home)
    runs = home.state / "runs"
    wait_until(lambda: list(runs.rglob("status.json")), "end of the step", tell=home.processes)
    with connected(server, home) as console:
        take_up(console)
        console.wait_for_steps(1)
        console.terminal.press("Up")
        console.terminal.wait_for("✓ Cast off  passed")
        console.terminal.press("Down")
        console.terminal.wait_for("☐ Look back  pending")
        require_the_rest(console)
