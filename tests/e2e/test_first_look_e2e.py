"""The first minute of a newcomer: what `demo` shows, where the keys lead, and how it is left."""

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.console import KEY_INDICATORS, Console
from tests.e2e.home import Home

pytestmark = pytest.mark.e2e

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])


def values(console: Console) -> tuple[str, ...]:
    return tuple(console.indicator(title) for title in KEY_INDICATORS)


@SIZES
def test_six_indicators_have_values_that_change_by_themselves(
    open_console: OpenConsole, size: tuple[int, int]
) -> None:
    console = open_console(size=size)
    console.wait_for_dashboard()
    console.terminal.wait_until(lambda: all(values(console)), "value for each key indicator")
    first = values(console)
    console.terminal.wait_until(lambda: values(console) != first, "other value")


@SIZES
def test_every_place_is_a_key_away(open_console: OpenConsole, size: tuple[int, int]) -> None:
    console = open_console(size=size)
    terminal = console.terminal
    console.wait_for_dashboard()
    for tab in ("Operations", "Security", "Performance", "Key indicators"):
        terminal.press("]")
        terminal.wait_for(rf"\[{tab}\]")
    terminal.press("Enter")
    terminal.wait_for(r"PromQL .*up\{job=")
    console.close("PromQL")
    console.go_to_alerts()
    console.go_to_procedures()
    terminal.press("/")
    terminal.type("flsh cach")
    terminal.wait_for(r"^ destructive +Cache flush")
    console.close("flsh cach")
    terminal.press("?")
    terminal.wait_for("Keys here")
    console.close("Keys here")
    terminal.press("C-p")
    terminal.type("inject")
    terminal.wait_for("Sandbox: inject replica-crash")
    terminal.wait_for("Sandbox: inject cache-down")
    console.close("Sandbox: inject")
    terminal.press("1")
    console.wait_for_dashboard()


@SIZES
def test_quitting_leaves_the_terminal_as_it_was_and_no_sandbox(
    open_console: OpenConsole, home: Home, size: tuple[int, int]
) -> None:
    console = open_console(size=size)
    console.wait_for_dashboard()
    assert home.sandbox_record["pid"] in home.processes()
    assert console.quit() == 0
    assert console.terminal.is_restored
    assert home.processes() == {}
