"""The Service screen as it is shipped: what runs, its log, and an action from there and back."""

import re

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.service_screen import go_to_service, show_tab, wait_for_more
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
ROLL_S = 60.0
"""Three units, one after the other."""


def units(terminal: Terminal) -> set[str]:
    """Return the endings of the names of the pods in the table."""
    return set(re.findall(r"^ \S   \S*-(\w+-\w{5}) ", terminal.screen(), re.MULTILINE))


@SIZES
def test_a_restart_from_the_table_replaces_every_unit_and_is_among_what_changed(
    open_console: OpenConsole, size: tuple[int, int]
) -> None:
    console = open_console("demo", "--method", "kubernetes", size=size)
    console.wait_for_dashboard()
    terminal = go_to_service(console)
    terminal.wait_for("^ Service  kubernetes · context sandbox · namespace llm-config")
    terminal.wait_for(r"^ ● llm-config-manager +deployment +3/3 ")
    terminal.wait_for(r"^ ● postgres +Running ")
    wait_for_more(terminal)
    before = units(terminal)
    assert len(before) == 3

    terminal.press("a")
    terminal.wait_for("llm-config-manager on sandbox · Esc cancels")
    terminal.wait_for(r"│ +restart +3 units of deployment/llm-config-manager are")
    terminal.press("Enter")
    console.begin_opened()
    console.confirm_change()
    console.wait_for_steps(1)
    terminal.press("Enter")
    console.wait_for_completion(ROLL_S)
    console.close("completed · ")

    terminal.wait_for(r"^ ● llm-config-manager +deployment +3/3 ", ROLL_S)
    terminal.wait_until(
        lambda: len(units(terminal)) == 3 and not units(terminal) & before, "three new units"
    )
    terminal.wait_for(r" — llm-config-manager-\S+ is new —")
    show_tab(terminal, "Details")
    terminal.wait_for("ready +3 of 3")
    show_tab(terminal, "Changes")
    # Alone on the screen: alerts come, too, and must push nothing out of sight.
    terminal.press("Enter")
    terminal.wait_until_gone(r"^ ● postgres +Running ")
    terminal.wait_for(r" run +quick-restart\S+ +completed")
    terminal.wait_for(r" stopped +llm-config-\S+ +Killing: ")
    terminal.wait_for(r" started +llm-config-\S+ +Started: ")
    assert console.quit() == 0
    assert terminal.is_restored


@pytest.mark.parametrize(
    ("method", "size", "row", "where"),
    [
        ("docker", (80, 24), r"llm-config-manager +service +3/3", "project llm-config"),
        ("systemd", (200, 50), r"llm-config-manager +active +yes", "unit llm-config-manager"),
    ],
)
def test_table_log_and_details_are_there_by_every_method(
    open_console: OpenConsole, method: str, size: tuple[int, int], row: str, where: str
) -> None:
    console = open_console("demo", "--method", method, size=size)
    console.wait_for_dashboard()
    terminal = go_to_service(console)
    terminal.wait_for(rf"^ Service  {method} · .*{where}")
    terminal.wait_for(rf"^ ● {row} ")
    wait_for_more(terminal)
    show_tab(terminal, "Details")
    terminal.wait_for(r"(?s)^ ● llm-config-manager .*ready .*^  method +" + method)
    show_tab(terminal, "Changes")
    terminal.wait_for(r"^ ● \d\d-\d\d \d\d:\d\d:\d\d ")
