"""Walking a procedure where the ledger cannot be written: nothing is done without a record."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.run.run import StepStatus
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.runbook.parser import parse
from tests.e2e.places import filled, mounted, read_only
from tests.live_console import live_console, notices, screen_text, until
from tests.scripted import settle
from tui.screens.procedures import ProceduresScreen
from tui.screens.walk import WalkScreen
from widgets.confirm_dialog import ConfirmDialog

DOCUMENT = """\
---
id: two-steps
title: Two steps
theme: common-issues
summary: Say hello twice.
methods: [docker]
duration: 5m
rollback: two-steps
---
Before you begin.

## Phase 1: Look {budget=2m}

### Say hello

```sh {name=hello}
echo hello
```

### Leave a mark

```sh {name=mark}
printf x >> "$MARK"; until [ -e "$GO" ]; do sleep 0.02; done
```
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The console's own directory."""
    path = tmp_path / "state"
    path.mkdir()
    return path


@asynccontextmanager
async def walking(tmp_path: Path, state: Path) -> AsyncIterator[Pilot[int]]:
    """Yield the hands of an operator who reads the document and may begin."""
    facts = {"MARK": str(tmp_path / "mark"), "GO": str(tmp_path / "go")}
    environment = Environment(name="here", tier=Tier.STAGING, method=Method.DOCKER, facts=facts)
    async with live_console(environment, state, size=(100, 40)) as pilot:
        await settle(pilot)
        procedure = parse(DOCUMENT, Path("common-issues/two-steps.md"))
        await pilot.app.push_screen(WalkScreen(procedure))
        await until(pilot, lambda: "Enter begins" in screen_text(pilot))
        yield pilot


def mark(tmp_path: Path) -> str:
    """Return what the second step has left behind, once for each time that it ran."""
    path = tmp_path / "mark"
    return path.read_text() if path.exists() else ""


def status(pilot: Pilot[int], step: int) -> StepStatus:
    screen = pilot.app.screen
    assert isinstance(screen, WalkScreen)
    assert screen.run_shown is not None
    return screen.run_shown.steps[step].status


def command_of(pilot: Pilot[int]) -> int:
    """Return the process of the present step's command."""
    screen = pilot.app.screen
    assert isinstance(screen, WalkScreen)
    assert screen.run_shown is not None
    assert screen.run_shown.current is not None
    return int((Path(screen.run_shown.current.folder) / "pid").read_text())


def recorded(state: Path) -> list[str]:
    """Return the kinds of all events, read by another hand; the chain must be whole."""
    ledger = SqliteLedger(state / "ledger.db", clock=SystemClock(), read_only=True)
    assert ledger.verify().broken_at is None
    kinds = [event.kind for event in ledger.events()]
    ledger.close()
    return kinds


async def begun(pilot: Pilot[int]) -> None:
    """Begin the run and take its first step."""
    await pilot.press("enter")
    await until(pilot, lambda: "0 of 2 steps done" in screen_text(pilot))
    await settle(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: "✓ 1. Say hello" in screen_text(pilot))
    await settle(pilot)


async def go_on(pilot: Pilot[int]) -> None:
    """Say yes to the step that leaves a mark."""
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
    dialog = pilot.app.screen
    assert isinstance(dialog, ConfirmDialog)
    await until(pilot, lambda: dialog.is_listening)
    dialog.query_one("#confirm", Button).focus()
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, WalkScreen))


async def test_a_read_only_directory_refuses_a_run_with_its_reason_and_the_console_lives(
    tmp_path: Path, state: Path
) -> None:
    with read_only(state):
        async with walking(tmp_path, state) as pilot:
            assert "cannot be written" in notices(pilot)
            pilot.app.clear_notifications()
            await pilot.press("enter")
            await until(pilot, lambda: "cannot be written" in notices(pilot))
            assert str(state) in notices(pilot)
            assert "Enter begins" in screen_text(pilot)
            await pilot.press("escape", "3")
            await until(pilot, lambda: isinstance(pilot.app.screen, ProceduresScreen))
        assert not (state / "ledger.db").exists()


async def test_a_full_disk_refuses_a_run_and_gives_way_once_there_is_space(
    tmp_path: Path, state: Path
) -> None:
    (tmp_path / "go").touch()
    with mounted(state, "size=1m"):
        async with walking(tmp_path, state) as pilot:
            with filled(state):
                pilot.app.clear_notifications()
                await pilot.press("enter")
                await until(pilot, lambda: "No space left on device" in notices(pilot))
                await settle(pilot)
                assert "Enter begins" in screen_text(pilot)
            assert "run.started" not in recorded(state)
            await pilot.press("enter")
            await until(pilot, lambda: "0 of 2 steps done" in screen_text(pilot))
            assert recorded(state) == ["run.started"]


async def test_a_step_without_room_for_its_record_does_not_run(tmp_path: Path, state: Path) -> None:
    (tmp_path / "go").touch()
    with mounted(state, "size=1m"):
        async with walking(tmp_path, state) as pilot:
            await begun(pilot)
            with filled(state):
                before = recorded(state)
                await go_on(pilot)
                await until(pilot, lambda: "disk is full" in notices(pilot))
                await settle(pilot)
                assert status(pilot, 1) is StepStatus.PENDING
                assert mark(tmp_path) == ""
                assert recorded(state) == before
            await go_on(pilot)
            await until(pilot, lambda: "completed" in screen_text(pilot))
            assert mark(tmp_path) == "x"
            assert recorded(state)[-1] == "run.completed"


async def test_a_step_whose_end_finds_no_room_is_not_shown_as_done_nor_run_again(
    tmp_path: Path, state: Path
) -> None:
    with mounted(state, "size=1m"):
        async with walking(tmp_path, state) as pilot:
            await begun(pilot)
            await go_on(pilot)
            await until(pilot, lambda: mark(tmp_path) == "x")
            command = command_of(pilot)
            with filled(state):
                (tmp_path / "go").touch()
                await until(pilot, lambda: not Path(f"/proc/{command}").exists())
                await pilot.pause()
                assert "1 of 2 steps done" in screen_text(pilot)
                assert status(pilot, 1) is StepStatus.RUNNING
            # The supervisor had no room either, and kept trying to leave word of the end.
            await until(pilot, lambda: "completed" in screen_text(pilot))
            assert mark(tmp_path) == "x"
            assert recorded(state)[-1] == "run.completed"
