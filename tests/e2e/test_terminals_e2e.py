"""Terminals that change their size, and terminals without colour."""

import re

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.console import KEY_INDICATORS, Console

pytestmark = pytest.mark.e2e

COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][\d;:]*)?m")
"""An SGR sequence that sets a foreground or background, of 8, 16, 256 or all colours."""


def words(console: Console) -> list[list[str]]:
    """Return the words of the screen, line by line: neither values, nor units, nor curves."""
    return [re.findall(r"[A-Za-z]{4,}", line) for line in console.terminal.screen().splitlines()]


def test_a_window_may_shrink_to_40x10_and_grow_back(open_console: OpenConsole) -> None:
    console = open_console(size=(200, 50))
    console.wait_for_dashboard()
    # Only once every part has its first answer does the picture stay as it is.
    console.terminal.wait_for("none · from console")
    console.terminal.wait_for("(?s)Health .*HEALTHY.* kept")
    before = words(console)
    console.terminal.resize(40, 10)
    console.terminal.wait_for(r"Availability\s+OK +● P95 latency")
    console.terminal.wait_for(r"100\.0% .* ms ")
    for title in KEY_INDICATORS:
        assert console.indicator(title)
    console.terminal.resize(200, 50)
    console.terminal.wait_until(lambda: words(console) == before, "picture as before")
    assert console.quit() == 0


def test_without_colour_states_are_still_words_and_signs(open_console: OpenConsole) -> None:
    console = open_console(NO_COLOR="1")
    console.wait_for_dashboard()
    console.terminal.wait_for(r"● Availability +OK ")
    console.terminal.wait_for(r"■<99")
    console.go_to_procedures()
    assert console.quit() == 0
    assert set(COLOUR.findall(console.terminal.raw())) == set()
