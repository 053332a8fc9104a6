"""The command palette: everything that the console can do, by name."""

from collections.abc import Callable, Sequence
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from procedures.errors import SandboxError
from tests.scripted import scripted_console, settle, snapshot
from tui.screens.alerts import AlertsScreen
from tui.screens.walk import WalkScreen


class Practice:
    """A sandbox that keeps what it was told; it can be gone."""

    def __init__(self) -> None:
        self.present: set[str] = set()
        self.gone = False

    async def faults(self) -> Sequence[tuple[str, str, bool]]:
        if self.gone:
            raise SandboxError("the sandbox is gone")
        return [("latency", "the database hangs", "latency" in self.present)]

    async def inject(self, fault: str) -> None:
        self.present.add(fault)

    async def cure(self, fault: str) -> None:
        self.present.remove(fault)

    async def stop(self) -> None:
        pass


async def choose(pilot: Pilot[int], words: str, done: Callable[[], bool]) -> None:
    """Open the palette, type ``words``, take the first offer and wait for what it does."""
    await pilot.press("ctrl+p")
    await pilot.pause()
    palette = pilot.app.screen
    palette.query_one(Input).value = words
    options = palette.query_one(OptionList)
    while not (options.options and words in str(options.options[0].prompt)):
        await pilot.pause(0.02)
    while pilot.app.screen is palette:
        await pilot.press("enter")
        await pilot.pause(0.02)
    for _ in range(200):
        if done():
            break
        await pilot.pause(0.02)
    assert done()


async def test_places_and_procedures_are_found_by_name(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        await choose(pilot, "Go to alerts", lambda: isinstance(app.screen, AlertsScreen))
        await choose(pilot, "Walk: Cache flush", lambda: isinstance(app.screen, WalkScreen))


async def test_faults_are_injected_and_cured_while_the_sandbox_runs(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    practice = Practice()
    app.sandbox = practice  # type: ignore[assignment]
    async with app.run_test(size=(100, 30)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        await choose(pilot, "Sandbox: inject latency", lambda: practice.present == {"latency"})
        await choose(pilot, "Sandbox: cure latency", lambda: not practice.present)


async def test_a_sandbox_that_is_gone_takes_nothing_else_with_it(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    practice = Practice()
    practice.gone = True
    app.sandbox = practice  # type: ignore[assignment]
    async with app.run_test(size=(100, 30)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        await choose(pilot, "Go to alerts", lambda: isinstance(app.screen, AlertsScreen))
