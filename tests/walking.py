"""An operator who walks a document on the console, with a real ledger and real commands."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.policy.policy import Operator
from procedures.execution.run.run import Run, StepRecord
from procedures.runbook.parser import parse
from tests.scripted import PATIENCE_S, ScriptedServices, settle, snapshot
from tui.app import ConsoleApp
from tui.screens.walk import WalkScreen
from widgets.choice_dialog import ChoiceDialog
from widgets.confirm_dialog import ConfirmDialog
from widgets.line_list import LineList
from widgets.text_dialog import TextDialog
from widgets.text_view import TextView

Dialog = TypeVar("Dialog", bound=Screen[Any])


@asynccontextmanager
async def walking(
    tmp_path: Path,
    text: str,
    *,
    tier: Tier = Tier.STAGING,
    run_id: str = "",
    operator: str = "ada",
    policy: Path | None = None,
) -> AsyncIterator[Pilot[int]]:
    """Yield a pilot that looks at the document ``text`` in an environment on this machine."""
    environment = Environment(
        name="here",
        tier=tier,
        method=Method.DOCKER,
        facts={"MARKER": str(tmp_path / "marker")},
        local_dirs=(tmp_path,),
    )
    services = ScriptedServices(environment, state_dir=tmp_path / "state", clock=SystemClock())
    services.operator = Operator(name=operator)
    services.policy = policy
    app = ConsoleApp(services)
    async with app.run_test(size=(100, 40)) as pilot:
        services.watch.say(snapshot())
        await pilot.pause()
        procedure = parse(text, Path("common-issues/tidy-up.md"))
        await app.push_screen(WalkScreen(procedure, run_id=run_id))
        await settle(pilot)
        yield pilot


def shown(pilot: Pilot[int]) -> str:
    """Return the text of the page, the checklist and the output."""
    screen = pilot.app.screen_stack[1]
    widgets = [*screen.query(LineList), *screen.query(TextView)]
    rows = [each.render_line(y).text for each in widgets for y in range(each.size.height)]
    return "\n".join(row.rstrip() for row in rows)


async def on_top(pilot: Pilot[int], kind: type[Dialog]) -> Dialog:
    """Wait until a screen of that kind is on top, and return it."""
    async with asyncio.timeout(PATIENCE_S):
        while not isinstance(pilot.app.screen, kind):
            await pilot.pause(0.02)
    return pilot.app.screen


async def listening(pilot: Pilot[int]) -> ConfirmDialog:
    """Wait for the confirmation, and until it can be answered."""
    dialog = await on_top(pilot, ConfirmDialog)
    async with asyncio.timeout(PATIENCE_S):
        while not dialog.is_listening:
            await pilot.pause(0.02)
    return dialog


async def until(pilot: Pilot[int], text: str) -> None:
    """Wait until ``text`` is shown."""
    for _ in range(500):
        if text in shown(pilot):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{text!r} did not appear:\n{shown(pilot)}")


async def begin(pilot: Pilot[int]) -> None:
    await pilot.press("enter")
    await until(pilot, "›")


def walk_screen(pilot: Pilot[int]) -> WalkScreen:
    """Return the screen of the walk, which must be on top."""
    screen = pilot.app.screen
    assert isinstance(screen, WalkScreen)
    return screen


def run_of(pilot: Pilot[int]) -> Run:
    """Return the run that is walked."""
    run = walk_screen(pilot).run_shown
    assert run is not None
    return run


def current(pilot: Pilot[int]) -> StepRecord:
    """Return what the ledger says of the present step."""
    step = run_of(pilot).current
    assert step is not None
    return step


async def choose(pilot: Pilot[int], row: str) -> None:
    """Choose the row of the dialog that begins so."""
    dialog = await on_top(pilot, ChoiceDialog)
    rows: LineList[str] = dialog.query_one(LineList)
    assert [each for each in rows.rows if each.startswith(row)], rows.rows
    rows.cursor = next(n for n, each in enumerate(rows.rows) if each.startswith(row))
    await pilot.press("enter")


async def say(pilot: Pilot[int], words: str) -> None:
    """Type words into the dialog that asks for them."""
    dialog = await on_top(pilot, TextDialog)
    dialog.query_one(Input).value = words
    await pilot.press("enter")


async def confirm(pilot: Pilot[int]) -> None:
    """Say yes, with the word that is asked for."""
    dialog = await listening(pilot)
    if dialog.question.typed:
        dialog.query_one("#typed", Input).value = dialog.question.typed
        await pilot.pause()
    dialog.set_focus(dialog.query_one("#confirm"))
    await pilot.press("enter")


def kill_supervisor(record: StepRecord) -> None:
    """Kill the supervisor of the step's command, as a machine that runs out of memory does."""
    assert record.folder, "the command has not been started yet"
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        words = each.read_bytes().split(b"\0") if each.exists() else []
        if record.folder.encode() in words:
            os.kill(int(each.parent.name), signal.SIGKILL)
            return
    raise AssertionError(f"no supervisor works in {record.folder}")
