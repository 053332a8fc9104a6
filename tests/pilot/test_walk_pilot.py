"""Walking a procedure on the console, with a real ledger and real commands."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from procedures.clock import SystemClock
from procedures.environment import Tier
from procedures.execution.record.runs import open_runs
from procedures.execution.run.run import RunOutcome
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.scripted import settle
from tests.walking import begin, listening, shown, until, walking
from tui.app import ConsoleApp
from tui.screens.walk import WalkScreen
from widgets.line_list import LineList

DOCUMENT = """\
---
id: tidy-up
title: Tidy up
theme: common-issues
summary: Look, change, and make sure.
methods: [docker]
duration: 5m
rollback: tidy-up
---
Before you begin.

## Phase 1: Look {budget=2m}

### Say hello

```sh {name=hello}
printf 'hello\\n\\033[31mred\\033[0m\\n'
```

```expect
hello
```

### Touch the world

> [!CAUTION]
> The marker is replaced.

```sh {level=destructive affects="the marker file" confirm=marker irreversible=true}
echo done >> "$MARKER"
```

### Tell the team

- [ ] Say it in the channel
- [ ] Write it down

### Where to go

- **All well?** → go on
- **Not well?** → go on
"""


async def test_a_document_is_read_before_anything_is_begun(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        page = shown(pilot)
        assert "Look, change, and make sure." in page
        assert "Say hello" in page
        assert not (tmp_path / "state").exists() or not list((tmp_path / "state").glob("runs/*"))


async def test_a_reading_step_runs_at_once_and_its_output_is_clean(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "✓ 1. Say hello")
        await until(pilot, "red")
        assert "\x1b" not in shown(pilot)


async def test_a_destructive_step_waits_for_the_typed_name(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "✓ 1. Say hello")
        await settle(pilot)
        await pilot.press("enter")
        dialog = await listening(pilot)
        facts = "\n".join(str(each.visual) for each in dialog.query(".fact").results(Static))
        for fact in ('echo done >> "$MARKER"', "the marker file", "here (staging)", "cannot be"):
            assert fact in facts
        dialog.query_one("#typed", Input).focus()
        await pilot.press(*"wrong", "enter")
        assert dialog.query_one("#confirm", Button).disabled
        assert not (tmp_path / "marker").exists()
        await pilot.press(*["backspace"] * 5, *"marker", "enter")
        await until(pilot, "✓ 2. Touch the world")
        assert (tmp_path / "marker").read_text() == "done\n"


async def test_saying_no_leaves_the_step_as_it_was(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "✓ 1. Say hello")
        await settle(pilot)
        await pilot.press("enter")
        await listening(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "☐ 2. Touch the world" in shown(pilot)
        assert not (tmp_path / "marker").exists()


async def walk_to_items(pilot: Pilot[int]) -> None:
    await begin(pilot)
    await pilot.press("enter")
    await until(pilot, "✓ 1. Say hello")
    await settle(pilot)
    await pilot.press("enter")
    dialog = await listening(pilot)
    dialog.query_one("#typed", Input).focus()
    await pilot.press(*"marker", "enter")
    await until(pilot, "✓ 2. Touch the world")
    await settle(pilot)


async def test_items_are_ticked_and_a_choice_ends_the_run(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await walk_to_items(pilot)
        for _ in range(2):
            await pilot.press("enter")
            await settle(pilot)
        await until(pilot, "✓ 3. Tell the team")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await settle(pilot)
        await until(pilot, "✓ 4. Where to go")
        app = pilot.app
        assert isinstance(app, ConsoleApp)
        assert app.heading().run == ""
        assert open_runs(app.services.ledger, "here") == ()


async def test_a_run_that_was_left_goes_on_at_the_same_step(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "✓ 1. Say hello")
        await settle(pilot)
    ledger = SqliteLedger(tmp_path / "state" / "ledger.db", clock=SystemClock())
    (run,) = open_runs(ledger, "here")
    ledger.close()
    async with walking(tmp_path, DOCUMENT, run_id=run.id) as pilot:
        assert "✓ 1. Say hello" in shown(pilot)
        assert "›☐ 2. Touch the world" in shown(pilot)


async def test_the_list_offers_the_unfinished_run_first(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("escape", "3")
        await settle(pilot)
        rows = pilot.app.screen.query_one("#procedures", LineList)
        assert "unfinished" in rows.render_line(0).text
        assert "Tidy up" in rows.render_line(0).text


async def test_a_production_change_is_raised_to_destructive(tmp_path: Path) -> None:
    text = DOCUMENT.replace("level=destructive", "level=change").replace(
        " confirm=marker irreversible=true", ""
    )
    async with walking(tmp_path, text, tier=Tier.PRODUCTION) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "✓ 1. Say hello")
        await settle(pilot)
        await pilot.press("enter")
        dialog = await listening(pilot)
        assert dialog.question.typed
        assert dialog.question.level.value == "destructive"


async def test_a_failed_step_offers_ways_on_and_abort_needs_a_reason(tmp_path: Path) -> None:
    text = DOCUMENT.replace("printf 'hello", "printf 'goodbye")
    async with walking(tmp_path, text) as pilot:
        await begin(pilot)
        await pilot.press("enter")
        await until(pilot, "× 1. Say hello")
        await settle(pilot)
        await pilot.press("a")
        await pilot.pause()
        await pilot.press("enter")
        assert "× 1. Say hello" in shown(pilot)
        await pilot.press(*"wrong document", "enter")
        await settle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, WalkScreen)
        assert screen.run_shown is not None
        assert screen.run_shown.outcome is RunOutcome.ABORTED
        assert screen.run_shown.reason == "wrong document"
        assert screen.console.heading().run == ""
