"""Consoles in real terminals, each in a home of its own; nothing of them outlives its test."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from tests.e2e.console import Console, opened
from tests.e2e.home import Home, own_home
from tests.e2e.terminal import missing_tmux


class OpenConsole(Protocol):
    """Starts the command in a terminal."""

    def __call__(self, *words: str, size: tuple[int, int] = (80, 24), **variables: str) -> Console:
        """Start ``words`` (a demo, if there are none) in a terminal of columns by rows."""


@pytest.fixture(scope="session")
def tmux() -> None:
    """Skip where no terminal can be opened."""
    if missing := missing_tmux():
        pytest.skip(missing)


@pytest.fixture
def home() -> Iterator[Home]:
    """An empty home."""
    with own_home() as home:
        yield home


@pytest.fixture
def open_console(tmux: None, home: Home) -> Iterator[OpenConsole]:
    """Open consoles in ``home``; their terminals are closed in the end."""
    with ExitStack() as consoles:

        def start(*words: str, size: tuple[int, int] = (80, 24), **variables: str) -> Console:
            return consoles.enter_context(opened(home, *words, size=size, **variables))

        yield start
