"""How a terminal looks within the console."""

from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui.theme import QUARTERDECK
from widgets.terminal_view import TerminalView

Compare = Callable[..., bool]

PRINTED = (
    "\x1b[1mconfig=#\x1b[m \x1b[32mSELECT\x1b[m id, \x1b[7mname\x1b[m FROM tenants;\r\n"
    "\x1b(0lqqqqwqqqqk\x1b(B\r\n 漢字 \x1b[44;97m ok \x1b[m \x1b[38;5;208morange\x1b[m\r\n"
    "Drop table? [y/N] "
)


class Desk(App[None]):
    """One terminal."""

    def compose(self) -> ComposeResult:
        yield TerminalView()

    def on_mount(self) -> None:
        self.register_theme(QUARTERDECK)
        self.theme = QUARTERDECK.name


@pytest.mark.parametrize("focused", [True, False], ids=["focused", "left"])
def test_a_terminal(snap_compare: Compare, focused: bool) -> None:
    async def before(pilot: Pilot[None]) -> None:
        view = pilot.app.query_one(TerminalView)
        view.focus() if focused else pilot.app.set_focus(None)
        await pilot.pause()
        view.feed(PRINTED.encode())
        await pilot.pause()

    assert snap_compare(Desk(), terminal_size=(60, 12), run_before=before)
