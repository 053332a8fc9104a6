"""The Service screen on a real Docker engine: stopped underneath it, poured upon, written at."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine, wait_until
from tests.docker_images import SERVICE
from tests.e2e.conftest import OpenConsole
from tests.e2e.console import Console
from tests.e2e.home import Home
from tests.e2e.service_screen import go_to_service, lines_that_came, show_tab
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.docker]

PROJECT = "shop"
NAME = "llm-config-manager"
CONTAINER = f"{PROJECT}_{NAME}_1"
COMPOSE = f"""\
version: "2.4"
services:
  {NAME}:
    image: {SERVICE}:1.0
    stop_grace_period: 2s
"""
RECOVERY_S = 60.0
"""An engine starts again, and questions to it are asked ever more seldom in the meantime."""

POURING = """\
touch /run/pouring
while test -e /run/pouring; do
    yes "INFO poured $(date)" | head -n 25000
    echo "INFO a needle"
    usleep 500000
done
"""
"""At most 50,000 lines a second, until it is told to end."""
MANY = 100_000

HOSTILE = (
    "INFO before "
    r"\033]0;owned\007\033[5;97;41mred\033[?1049l\033[2J\033P1$r\033\\\302\2330;1m\rback\007"
    " after"
)
BETRAYING = (
    b"\x1b]0;owned",
    b"\x1b[5;97;41m",
    b"\x1b[?1049l",
    b"\x1bP1$r",
    b"\xc2\x9b",
    b"\x9b0;1m",
)


@pytest.fixture(scope="module")
def engine(
    docker_engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DockerEngine]:
    """An engine with a compose project of the service in it."""
    directory = tmp_path_factory.mktemp(PROJECT)
    (directory / "docker-compose.yml").write_text(COMPOSE)
    compose = ("docker-compose", "-p", PROJECT)
    docker_engine.run(*compose, "up", "-d", cwd=directory)
    wait_until(
        docker_engine, "inspect", "-f", "{{.State.Health.Status}}", CONTAINER, shows="healthy"
    )
    try:
        yield docker_engine
    finally:
        docker_engine.run(*compose, "down", "--timeout", "2", cwd=directory)


@pytest.fixture
def settings(home: Home, engine: DockerEngine) -> Path:
    """Settings whose target is the project, and whose other sources are silent."""
    path = home.path / "settings.toml"
    path.write_text(
        '[environment.here]\ntier = "staging"\nmethod = "docker"\n'
        'health = "http://127.0.0.1:9/health"\n'
        f'[environment.here.targets.stack]\nmethod = "docker"\n'
        f'project = "{PROJECT}"\nengine = "{engine.url}"\n'
    )
    return path


@pytest.fixture
def console(open_console: OpenConsole, settings: Path) -> Console:
    """A console that watches the project."""
    return open_console("--config", str(settings))


def write(engine: DockerEngine, script: str, *words: str) -> None:
    """Run a script in the container that writes what the service would write."""
    engine.docker("exec", *words, CONTAINER, "sh", "-c", f"exec >/proc/1/fd/1\n{script}")


@contextmanager
def pouring(engine: DockerEngine) -> Iterator[None]:
    """Let the service write more than anybody can read."""
    write(engine, POURING, "--detach")
    try:
        yield
    finally:
        engine.docker("exec", CONTAINER, "rm", "-f", "/run/pouring")


def test_an_engine_that_stops_is_told_and_the_rest_of_the_console_lives(
    console: Console, engine: DockerEngine
) -> None:
    terminal = console.terminal
    terminal.wait_for(r"\[Key indicators\]")
    go_to_service(console)
    terminal.wait_for(rf"^ ● {NAME} +healthy +yes ")
    engine.stop()
    try:
        terminal.wait_for(r"^ \? stack: ")
        terminal.wait_for(r"^ Service  docker · .* trouble$")
        console.go_to_alerts()
        terminal.press("1")
        terminal.wait_for(r"\[Key indicators\]")
        terminal.press("4")
        terminal.wait_for(r"^ \? stack: ")
    finally:
        engine.start()
    terminal.wait_until_gone(r"^ \? stack: ", RECOVERY_S)
    terminal.wait_for(rf"^ ● {NAME} +healthy +yes ", RECOVERY_S)
    write(engine, "echo INFO here again")
    terminal.wait_for(r"^ \d\d:\d\d:\d\d · INFO here again", RECOVERY_S)
    show_tab(terminal, "Details")
    terminal.wait_for(r"^  ready +yes")


def test_a_log_that_pours_leaves_every_key_its_meaning(
    console: Console, engine: DockerEngine
) -> None:
    terminal = go_to_service(console)
    with pouring(engine):
        terminal.press("Tab")
        terminal.wait_for("space Pause")
        terminal.wait_until(lambda: lines_that_came(terminal) > MANY, "pouring log")
        terminal.press("Space")
        first = number_of_new(terminal)
        terminal.wait_until(lambda: number_of_new(terminal) > first, "more new lines")
        terminal.press("/")
        terminal.wait_for("Search the log")
        terminal.type("a needle")
        terminal.wait_for(r"▊ +a needle ")
        terminal.press("Enter")
        terminal.wait_for(r"paused, .* /a needle")
        terminal.wait_for(r"^ \d\d:\d\d:\d\d · INFO a needle")
        terminal.press("]")
        terminal.wait_for(r"\[Details\]")
        console.go_to_alerts()
        terminal.press("4")
        terminal.wait_for(rf"^ ● {NAME} +healthy +yes ")
        terminal.press("[")
        terminal.wait_for(r"^ following · ")
        before = lines_that_came(terminal)
        terminal.wait_until(lambda: lines_that_came(terminal) > before, "log that still pours")
        assert console.quit() == 0
    assert terminal.is_restored


def number_of_new(terminal: Terminal) -> int:
    """Return how many lines came since the log stands still."""
    return int(terminal.wait_for(r"^ paused, ([\d,]+) new")[1].replace(",", ""))


def test_a_line_of_escape_sequences_is_shown_as_text(
    console: Console, engine: DockerEngine
) -> None:
    terminal = go_to_service(console)
    write(engine, f"printf {shlex.quote(HOSTILE)}; echo; echo INFO the next")
    terminal.wait_for(r"^ \d\d:\d\d:\d\d · INFO before .* after")
    terminal.wait_for(r"^ \d\d:\d\d:\d\d · INFO the next")
    terminal.wait_for(rf"^ ● {NAME} +healthy +yes ")
    written = terminal.raw()
    assert [each for each in BETRAYING if each in written] == []
    assert all(each == "\n" or each.isprintable() for each in terminal.screen())
