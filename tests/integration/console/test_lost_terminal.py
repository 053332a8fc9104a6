"""What is written to a terminal that is gone."""

import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from tui.driver import Outlet


class Line:
    """A terminal's two ends."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        self.file: TextIO = os.fdopen(slave, "w")

    def hang_up(self) -> None:
        os.close(self.master)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    # What was held back cannot be written any more, and must not be an error of closing.
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, line.file.fileno())
    os.close(null)
    line.file.close()


def test_a_terminal_is_lost_once_and_nothing_is_written_any_more(line: Line) -> None:
    lost = []
    outlet = Outlet(line.file, lambda: lost.append("lost"))
    outlet.write("seen")
    outlet.flush()
    assert os.read(line.master, 100) == b"seen"
    assert lost == []
    line.hang_up()
    for _ in range(3):
        outlet.write("never seen")
        outlet.flush()
    assert lost == ["lost"]


def test_it_is_where_its_file_is(line: Line) -> None:
    assert Outlet(line.file, list).fileno() == line.file.fileno()
    line.hang_up()
