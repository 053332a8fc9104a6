"""The turns beside the straight way: cancel, doubt, skip, retry, note; and what may not act."""

import os
import signal
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from procedures.clock import SystemClock
from procedures.execution.run.run import StepStatus
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.scripted import settle
from tests.walking import (
    begin,
    current,
    kill_supervisor,
    on_top,
    shown,
    until,
    walk_screen,
    walking,
)
from widgets.choice_dialog import ChoiceDialog
from widgets.key_bar import KeyBar
from widgets.text_dialog import TextDialog

DOCUMENT = """\
---
id: tidy-up
title: Tidy up
theme: common-issues
summary: A command that takes its time, and one that follows.
methods: [docker]
duration: 5m
---

## Phase 1: Work

### Take your time

```sh {timeout=60s}
printf '%s at it\\n' hard
until test -e "$(printenv MARKER)"; do sleep 0.05; done
```

### And then

```sh {level=change affects="nothing that matters"}
echo done
```
"""


async def begin_the_long_step(pilot: Pilot[int]) -> None:
    await begin(pilot)
    await pilot.press("enter")
    await until(pilot, "hard at it")
    assert current(pilot).status is StepStatus.RUNNING


async def answer(pilot: Pilot[int], text: str) -> None:
    """Give the reason that is asked for."""
    await on_top(pilot, TextDialog)
    await pilot.press(*text, "enter")


def kinds(tmp_path: Path) -> list[str]:
    ledger = SqliteLedger(tmp_path / "state" / "ledger.db", clock=SystemClock())
    try:
        return [event.kind for event in ledger.events()]
    finally:
        ledger.close()


async def test_a_command_is_cancelled_by_its_key_and_the_signals_are_told(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin_the_long_step(pilot)
        await pilot.press("x")
        await until(pilot, "× 1. Take your time")
        await settle(pilot)
        assert "sending SIGINT" in shown(pilot)
        assert current(pilot).reason == "it was cancelled"


async def test_enter_does_not_start_a_running_command_again(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin_the_long_step(pilot)
        await pilot.press("enter", "enter")
        (tmp_path / "marker").touch()
        await until(pilot, "✓ 1. Take your time")
        await settle(pilot)
    assert kinds(tmp_path).count("step.started") == 1


async def test_a_doubt_is_resolved_by_the_operator_and_never_by_running_it_again(
    tmp_path: Path,
) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin_the_long_step(pilot)
        kill_supervisor(current(pilot))
        await until(pilot, "? 1. Take your time")
        await settle(pilot)
        assert current(pilot).status is StepStatus.IN_DOUBT
        os.killpg(int((Path(current(pilot).folder) / "pid").read_text()), signal.SIGKILL)
        await pilot.press("enter")
        await on_top(pilot, ChoiceDialog)
        await pilot.press("enter")
        await answer(pilot, "looked")
        await until(pilot, "✓ 1. Take your time")
        await settle(pilot)
    assert kinds(tmp_path).count("step.started") == 1
    assert kinds(tmp_path)[-2:] == ["step.in-doubt", "step.doubt-resolved"]


async def test_a_step_is_skipped_with_a_reason_and_a_note_is_kept(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("n")
        await answer(pilot, "quiet")
        await settle(pilot)
        await pilot.press("s")
        await answer(pilot, "unneeded")
        await until(pilot, "» 1. Take your time")
        await settle(pilot)
        run = walk_screen(pilot).run_shown
        assert run is not None
        assert [note.text for note in run.notes] == ["quiet"]
        assert run.steps[0].reason == "unneeded"


async def test_a_failed_step_is_done_again_as_a_second_attempt(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin_the_long_step(pilot)
        await pilot.press("x")
        await until(pilot, "× 1. Take your time")
        await settle(pilot)
        (tmp_path / "marker").touch()
        await pilot.press("r")
        await on_top(pilot, ChoiceDialog)
        await pilot.press("enter")
        await settle(pilot)
        assert current(pilot).attempt == 2
        await pilot.press("enter")
        await until(pilot, "✓ 1. Take your time")


async def test_keys_that_cannot_act_now_are_not_offered(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        assert not offered(pilot) & {"Cancel", "Retry", "Skip", "Abort"}
        await begin_the_long_step(pilot)
        await pilot.pause()
        assert offered(pilot) & {"Cancel", "Retry", "Skip", "Abort"} == {"Cancel"}
        (tmp_path / "marker").touch()
        await until(pilot, "✓ 1. Take your time")
        await settle(pilot)
        assert offered(pilot) & {"Cancel", "Retry", "Skip", "Abort"} == {"Skip", "Abort"}
        assert "Open" not in offered(pilot)


async def test_a_console_that_only_reads_changes_nothing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "marker").touch()
    async with walking(tmp_path, DOCUMENT) as pilot:
        services = walk_screen(pilot).console.services
        services.environment = replace(services.environment, read_only=True)
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "✓ 1. Take your time")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        told = [f"{each.title} {each.message}" for each in pilot.app._notifications]
        assert any("read-only" in each for each in told), told
        assert current(pilot).status is StepStatus.PENDING
    assert kinds(tmp_path).count("step.started") == 1


def offered(pilot: Pilot[int]) -> set[str]:
    """Return what the key bar says that keys do."""
    return {what for _, what in pilot.app.screen.query_one(KeyBar).keys}


MESSAGE = """\
---
id: tidy-up
title: Tidy up
theme: common-issues
summary: Tell them.
---

## Tell

### Tell the channel

```message
{environment}: {impact}, says {operator}.
```

- [ ] Sent
"""


async def test_a_message_is_filled_in_and_copied_with_a_key(tmp_path: Path) -> None:
    async with walking(tmp_path, MESSAGE) as pilot:
        await pilot.press("down")
        await settle(pilot)
        assert "here: {impact}, says ada." in shown(pilot)
        await pilot.press("c")
        await settle(pilot)
        assert pilot.app.clipboard == "here: {impact}, says ada."
