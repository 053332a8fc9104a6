"""A line of a fleet says all in few spans: each costs colour codes at every refresh."""

from itertools import pairwise

import pytest
from rich.cells import cell_len

from procedures.reference.indicators import load_indicators
from tests.fleet_console import a_fleet, row
from tests.scripted import CALM, NOW
from widgets.fleet_line import FleetLines, fleet_lines
from widgets.strips import Line

LINES = FleetLines(load_indicators())


def drawn(width: int, *, at_cursor: bool = False) -> list[Line]:
    return [LINES.draw(each, width, at_cursor) for each in fleet_lines(a_fleet(), NOW)]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_neighbours_of_one_style_are_one_span_and_blanks_have_none(width: int) -> None:
    for line in drawn(width):
        assert all(one[1] != other[1] for one, other in pairwise(line))
        assert all(text.strip() for text, _ in line[1:])


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_the_cursor_is_one_bar_over_the_same_words(width: int) -> None:
    for plain, marked in zip(drawn(width), drawn(width, at_cursor=True), strict=True):
        ((text, style),) = marked
        assert style == "cursor"
        assert cell_len(text) >= width
        assert text.rstrip() == "".join(each for each, _ in plain).rstrip()


def test_a_bad_value_keeps_its_colour_among_good_ones() -> None:
    (line,) = fleet_lines([row("eu-07", values={**CALM, "error-rate": 7.31})], NOW)
    styles = [style for text, style in LINES.draw(line, 80, False) if "7.31" in text]
    assert styles == ["critical"]
