"""The Service screen in a terminal, as an operator reads it."""

from tests.e2e.console import Console
from tests.e2e.terminal import Terminal


def go_to_service(console: Console) -> Terminal:
    """Show what runs, once its log has come."""
    terminal = console.terminal
    terminal.press("4")
    terminal.wait_for(r"^ Service  (docker|kubernetes|systemd) · ")
    terminal.wait_for(r"(?s)^ ● +llm-config-manager .*^ following · .*\d · INFO ")
    return terminal


def lines_that_came(terminal: Terminal) -> int:
    """Return how many lines of the log have come."""
    return int(terminal.wait_for(r"of ([\d,]+) lines? · ")[1].replace(",", ""))


def wait_for_more(terminal: Terminal) -> None:
    """Wait until the log moves by itself."""
    before = lines_that_came(terminal)
    terminal.wait_until(lambda: lines_that_came(terminal) > before, "new line")


def show_tab(terminal: Terminal, name: str) -> None:
    """Show the tab to the right, which is ``name``."""
    terminal.press("]")
    terminal.wait_for(rf"\[{name}\]")
