"""A console around a real watch: sources, ledger and clock are what they are in use."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from procedures.clock import SystemClock
from procedures.environment import Environment
from tui.app import ConsoleApp
from tui.services import Services
from widgets.indicator_panel import IndicatorPanel
from widgets.line_list import LineList
from widgets.painted import Painted
from widgets.text_view import TextView


@asynccontextmanager
async def live_console(
    environment: Environment, state_dir: Path, *, size: tuple[int, int] = (200, 50)
) -> AsyncIterator[Pilot[int]]:
    """Run the console over ``environment`` and yield the operator's hands."""
    app = ConsoleApp(Services(environment, clock=SystemClock(), state_dir=state_dir))
    try:
        async with app.run_test(size=size) as pilot:
            yield pilot
    finally:
        await app.close_services()


def screen_text(pilot: Pilot[int]) -> str:
    """Return every line that the screen on top would send to the terminal."""
    screen = pilot.app.screen
    widgets = [*screen.query(Painted), *screen.query(LineList), *screen.query(TextView)]
    return "\n".join(map(text_of, widgets))


def text_of(widget: Painted | LineList[object] | TextView) -> str:
    """Return what one widget shows, line by line."""
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def panel_text(pilot: Pilot[int], indicator: str) -> str:
    """Return what the panel of an indicator shows; empty if it is not on this screen."""
    panels = pilot.app.screen.query(IndicatorPanel)
    return next((text_of(each) for each in panels if each.indicator.id == indicator), "")


def notices(pilot: Pilot[int]) -> str:
    """Return the passing messages that are shown at present."""
    return "\n".join(f"{each.title}: {each.message}" for each in pilot.app._notifications)


async def until(pilot: Pilot[int], condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Wait until ``condition`` holds; fail with what the screen shows if it never does."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await pilot.pause(0.02)
    except TimeoutError:
        raise AssertionError(f"never seen; the screen shows:\n{screen_text(pilot)}") from None
