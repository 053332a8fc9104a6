"""The run as a whole on the screen: pauses, hands, the way back, other consoles, terminals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from procedures.clock import SystemClock
from procedures.environment import Environment, Method, Tier
from procedures.execution.checks.build import checks_for
from procedures.execution.policy.policy import Operator
from procedures.execution.record.station import Station
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.execution.walking.walk import Walk
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.runbook.parser import parse
from tests.scripted import settle, snapshot
from tests.walking import (
    begin,
    choose,
    confirm,
    current,
    on_top,
    run_of,
    say,
    shown,
    until,
    walk_screen,
    walking,
)
from tui.app import ConsoleApp
from tui.screens.background import BackgroundScreen
from tui.screens.dry_run import DryRunScreen
from tui.screens.past_runs import PastRunsScreen
from tui.screens.run_facts import RunFactsScreen
from tui.screens.walk import WalkScreen
from widgets.banner import Banner
from widgets.choice_dialog import ChoiceDialog
from widgets.line_list import LineList
from widgets.terminal_view import TerminalView
from widgets.text_dialog import TextDialog
from widgets.text_view import TextView

DOCUMENT = """\
---
id: tidy-up
title: Tidy up
theme: common-issues
summary: Two changes that can be undone, and one that fails.
methods: [docker]
duration: 5m
---

## Phase 1: Work

### Make the first mark

```sh {level=change affects="a file"}
echo first >> "$(printenv MARKER)"
```

```undo
sed -i /first/d "$(printenv MARKER)"
```

### Make the second mark

```sh {level=change affects="a file"}
echo second >> "$(printenv MARKER)"
```

```undo
sed -i /second/d "$(printenv MARKER)"
```

### Fail

```sh {level=change affects="nothing"}
exit 3
```
"""

BEHIND = DOCUMENT.replace(
    """```sh {level=change affects="nothing"}
exit 3
""",
    """```sh {level=change affects="nothing" background=true}
echo ticking; until test -e "$(printenv MARKER).stop"; do sleep 0.05; done
""",
)

ASKING = DOCUMENT.replace(
    """```sh {level=change affects="a file"}
echo first""",
    """```sh {level=change affects="a file" interactive=true}
read -p "Which mark? " mark; echo "$mark" >> "$(printenv MARKER)"; echo thanks; : echo first""",
)


BY_HAND = "### Tell them\n\n- [ ] Call them\n- [ ] Write to them\n\n"


def note(pilot: Pilot[int]) -> str:
    """Return what stands beside the title."""
    return walk_screen(pilot).query_one("#title", Banner).note


async def until_noted(pilot: Pilot[int], words: str) -> None:
    for _ in range(500):
        if words in note(pilot):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{words!r} is not in {note(pilot)!r}")


async def change(pilot: Pilot[int], done: str) -> None:
    """Take a step that changes something."""
    await settle(pilot)
    await pilot.press("enter")
    await confirm(pilot)
    await until(pilot, done)
    await settle(pilot)


async def to_the_failure(pilot: Pilot[int]) -> None:
    await begin(pilot)
    await change(pilot, "✓ 1. Make the first mark")
    await change(pilot, "✓ 2. Make the second mark")
    await change(pilot, "× 3. Fail")


def marks(tmp_path: Path) -> list[str]:
    path = tmp_path / "marker"
    return path.read_text().split() if path.exists() else []


def page(pilot: Pilot[int]) -> str:
    """Return the text of the page on top."""
    view = pilot.app.screen.query(TextView).last()
    return "\n".join("".join(text for text, _ in line) for line in view.lines)


@asynccontextmanager
async def elsewhere(tmp_path: Path, run_id: str, operator: str) -> AsyncIterator[Walk]:
    """Yield the same run as another operator's console has it."""
    environment = Environment(name="here", tier=Tier.STAGING, method=Method.DOCKER)
    ledger = SqliteLedger(tmp_path / "state" / "ledger.db", clock=SystemClock())
    try:
        yield await Walk.resume(
            run_id,
            parse(DOCUMENT, Path("common-issues/tidy-up.md")),
            environment,
            station=Station(
                ledger=ledger,
                clock=SystemClock(),
                operator=Operator(name=operator),
                console=f"faraway/1/{operator}",
                state_dir=tmp_path / "state",
                checks=checks_for(environment, snapshot=snapshot, clock=SystemClock()),
            ),
        )
    finally:
        ledger.close()


async def test_a_paused_run_stands_still_until_it_is_resumed(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("p")
        await say(pilot, "lunch")
        await until_noted(pilot, "paused")
        await settle(pilot)
        await pilot.press("enter")
        await choose(pilot, "Go on")
        await settle(pilot)
        assert "paused" not in note(pilot)
        await change(pilot, "✓ 1. Make the first mark")


async def test_a_tick_is_taken_back(tmp_path: Path) -> None:
    by_hand = DOCUMENT.replace("### Make the first mark", BY_HAND + "### Make the first mark")
    async with walking(tmp_path, by_hand) as pilot:
        await begin(pilot)
        await settle(pilot)
        await pilot.press("enter")
        await until(pilot, "☑ Call them")
        await settle(pilot)
        await pilot.press("backspace")
        await until(pilot, "☐ Call them")
        await settle(pilot)
        assert current(pilot).ticked == frozenset()


async def test_a_failure_offers_the_way_back_which_undoes_the_last_first(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await to_the_failure(pilot)
        assert marks(tmp_path) == ["first", "second"]
        await pilot.press("enter")
        await choose(pilot, "Go back")
        await choose(pilot, "Undo everything (2 undo commands), then end")
        await say(pilot, "it went wrong")
        await until(pilot, "›☐ 1. Undo: Make the second mark")
        await change(pilot, "✓ 1. Undo: Make the second mark")
        assert marks(tmp_path) == ["first"]
        await until(pilot, "← 2. Make the second mark")
        await change(pilot, "✓ 2. Undo: Make the first mark")
        await until_noted(pilot, "rolled back · 1 effect")
        assert marks(tmp_path) == []
        assert run_of(pilot).outcome is RunOutcome.ROLLED_BACK


async def test_an_aborted_run_can_still_be_undone_later(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await to_the_failure(pilot)
        await pilot.press("a")
        await say(pilot, "enough")
        await on_top(pilot, ChoiceDialog)
        await pilot.press("escape")
        await until_noted(pilot, "aborted · 3 effects")
        await settle(pilot)
        await pilot.press("u")
        await choose(pilot, "Undo everything")
        await say(pilot, "after all")
        await until(pilot, "›☐ 1. Undo: Make the second mark")
        await change(pilot, "✓ 1. Undo: Make the second mark")


async def test_an_ended_run_is_found_again_and_undone_by_another_operator(tmp_path: Path) -> None:
    shelf = tmp_path / "docs" / "common-issues"
    shelf.mkdir(parents=True)
    (shelf / "tidy-up.md").write_text(DOCUMENT)
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await change(pilot, "✓ 1. Make the first mark")
        await pilot.press("a")
        await say(pilot, "enough")
        await on_top(pilot, ChoiceDialog)
        await pilot.press("escape")
        await settle(pilot)
    async with walking(tmp_path, DOCUMENT, operator="grace") as pilot:
        assert isinstance(pilot.app, ConsoleApp)
        pilot.app.services.procedures = (tmp_path / "docs",)
        await pilot.press("escape", "3")
        await settle(pilot)
        await pilot.press("h")
        past = await on_top(pilot, PastRunsScreen)
        for _ in range(500):
            if past.query_one(LineList).rows:
                break
            await pilot.pause(0.02)
        assert [run.outcome for run in past.query_one(LineList).rows] == [RunOutcome.ABORTED]
        await pilot.press("enter")
        await on_top(pilot, WalkScreen)
        await until(pilot, "✓ 1. Make the first mark")
        await settle(pilot)
        await pilot.press("u")
        await choose(pilot, "Undo everything")
        await say(pilot, "it has to go")
        await until(pilot, "›☐ 1. Undo: Make the first mark")
        assert run_of(pilot).driver.operator == "grace"
        await change(pilot, "✓ 1. Undo: Make the first mark")
        assert marks(tmp_path) == []


async def test_what_was_undone_can_be_done_again(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await change(pilot, "✓ 1. Make the first mark")
        await pilot.press("u")
        await choose(pilot, "Undo everything (1 undo command), then do")
        await say(pilot, "wrong file")
        await until(pilot, "Undo: Make the first mark")
        await change(pilot, "✓ 1. Undo: Make the first mark")
        await until(pilot, "›☐ 1. Make the first mark")
        assert current(pilot).attempt == 2
        await change(pilot, "✓ 1. Make the first mark")
        assert marks(tmp_path) == ["first"]


async def test_the_effects_of_a_run_are_told_at_any_time(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await to_the_failure(pilot)
        await pilot.press("e")
        await on_top(pilot, RunFactsScreen)
        await pilot.pause()
        text = page(pilot)
        assert "● stands" in text
        assert "Make the second mark" in text
        assert "Fail  no undo is written" in text
        assert "by ada" in text


async def test_another_operator_takes_the_run_over_and_this_console_follows(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        async with elsewhere(tmp_path, run_of(pilot).id, "grace") as other:
            assert not other.drives
            await other.course.take_over("ada sleeps")
            await until_noted(pilot, "grace drives")
            assert "Take over" in {
                each.binding.description
                for each in walk_screen(pilot).active_bindings.values()
                if each.enabled
            }
            await other.skip("make-the-first-mark", "not needed")
            await until(pilot, "» 1. Make the first mark")
            await settle(pilot)
            await pilot.press("enter")
            await say(pilot, "back again")
            await until(pilot, "›☐ 2. Make the second mark")
            await settle(pilot)
            assert run_of(pilot).driver.operator == "ada"
            assert "grace drives" not in note(pilot)


async def test_a_follower_sees_what_the_driver_s_command_prints(tmp_path: Path) -> None:
    slow = DOCUMENT.replace(
        "echo first >>", 'echo working; until test -e "$MARKER.go"; do sleep 0.05; done; echo >>'
    )
    async with walking(tmp_path, slow) as pilot:
        await begin(pilot)
        run_id = run_of(pilot).id
        await settle(pilot)
        await pilot.press("enter")
        await confirm(pilot)
        await until(pilot, "working")
        async with walking(tmp_path, slow, run_id=run_id, operator="grace") as watching:
            await until(watching, "working")
            assert "ada drives" in note(watching)
            (tmp_path / "marker.go").touch()
            await until(watching, "✓ 1. Make the first mark")


async def test_a_run_is_handed_over_by_name(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        await pilot.press("o")
        await say(pilot, "grace")
        await until_noted(pilot, "for grace")
        async with elsewhere(tmp_path, run_of(pilot).id, "grace") as other:
            assert other.drives


async def test_a_run_begins_where_the_operator_wants_and_says_why(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await pilot.press("down", "down")
        await pilot.press("f")
        await say(pilot, "the first mark is there")
        await until(pilot, "» 1. Make the first mark")
        assert current(pilot).id == "make-the-second-mark"
        assert run_of(pilot).steps[0].reason == "the first mark is there"


async def test_an_open_run_is_taken_up_rather_than_begun_twice(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        run_id = run_of(pilot).id
        await settle(pilot)
        await pilot.press("escape")
    async with walking(tmp_path, DOCUMENT) as pilot:
        await pilot.press("enter")
        await choose(pilot, "Take that run up")
        await until(pilot, "›")
        assert run_of(pilot).id == run_id


async def test_a_second_run_needs_a_second_word(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await begin(pilot)
        run_id = run_of(pilot).id
        await settle(pilot)
    async with walking(tmp_path, DOCUMENT) as pilot:
        await pilot.press("enter")
        await choose(pilot, "Begin a second one")
        await until(pilot, "›")
        assert run_of(pilot).id != run_id


async def test_a_command_that_asks_gets_the_keys_and_gives_them_back(tmp_path: Path) -> None:
    async with walking(tmp_path, ASKING) as pilot:
        await begin(pilot)
        await settle(pilot)
        await pilot.press("enter")
        await confirm(pilot)
        terminal = walk_screen(pilot).query_one(TerminalView)
        for _ in range(500):
            if "Which mark?" in terminal.screen_shown.text():
                break
            await pilot.pause(0.02)
        assert terminal.has_focus
        await pilot.press(*"quiet", "enter")
        await until(pilot, "✓ 1. Make the first mark")
        await settle(pilot)
        assert marks(tmp_path) == ["quiet"]
        focused = walk_screen(pilot).focused
        assert focused is not None
        assert focused.id == "checklist"


async def test_a_command_left_behind_is_listed_watched_and_stopped(tmp_path: Path) -> None:
    async with walking(tmp_path, BEHIND) as pilot:
        await begin(pilot)
        await change(pilot, "✓ 1. Make the first mark")
        await change(pilot, "✓ 2. Make the second mark")
        await pilot.press("enter")
        await confirm(pilot)
        await until_noted(pilot, "1 in the background")
        await settle(pilot)
        await pilot.press("b")
        await on_top(pilot, BackgroundScreen)
        for _ in range(200):
            if "ticking" in page(pilot):
                break
            await pilot.pause(0.02)
        assert "ticking" in page(pilot)
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("escape")
        await until_noted(pilot, "completed")
        assert run_of(pilot).steps[2].reason


async def test_a_dry_run_shows_every_command_and_executes_none(tmp_path: Path) -> None:
    async with walking(tmp_path, DOCUMENT) as pilot:
        await pilot.press("d")
        await on_top(pilot, DryRunScreen)
        await settle(pilot)
        text = page(pilot)
        assert "3 steps, 3 change" in text
        assert text.count("would run CHANGE") == 3
        assert marks(tmp_path) == []
        ledger = tmp_path / "state" / "ledger.db"
        assert not ledger.exists() or not SqliteLedger(ledger, clock=SystemClock()).events()


async def test_a_secret_is_typed_behind_dots_and_stands_nowhere(tmp_path: Path) -> None:
    asking = DOCUMENT.replace(
        "methods: [docker]",
        "methods: [docker]\ninputs:\n  passcode: { secret: true, help: Nobody may see it }",
    ).replace("exit 3", 'printf %s "$passcode" | tee "$MARKER"')
    async with walking(tmp_path, asking) as pilot:
        await pilot.press("enter")
        dialog = await on_top(pilot, TextDialog)
        assert dialog.query_one(Input).password
        await say(pilot, "kalevala-1849")
        await until(pilot, "›")
        await change(pilot, "✓ 1. Make the first mark")
        await change(pilot, "✓ 2. Make the second mark")
        await change(pilot, "✓ 3. Fail")
        assert (tmp_path / "marker").read_text() == "kalevala-1849"
        assert "kalevala" not in shown(pilot)
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"kalevala" in path.read_bytes()]


POLICY = """\
[[rule]]
procedures = ["tidy-up"]
second_person = true
"""


async def asked_for_approval(pilot: Pilot[int]) -> None:
    await begin(pilot)
    await settle(pilot)
    await pilot.press("enter")
    await choose(pilot, "Ask for approval")
    await until(pilot, "waits for a second person")
    await settle(pilot)


def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


async def test_a_second_person_approves_in_their_console_what_the_first_asked_for(
    tmp_path: Path,
) -> None:
    rules = policy(tmp_path)
    async with walking(tmp_path, DOCUMENT, policy=rules) as pilot:
        await asked_for_approval(pilot)
        async with walking(tmp_path, DOCUMENT, operator="grace", policy=rules) as second:
            await settle(second)
            await second.press("f6")
            await choose(second, "ada asks: Make the first mark")
            await choose(second, "Look at it, and approve")
            await confirm(second)
            await settle(second)
        await until(pilot, "approved by grace")
        await settle(pilot)
        await pilot.press("enter")
        await confirm(pilot)
        await until(pilot, "✓ 1. Make the first mark")
    assert marks(tmp_path) == ["first"]


async def test_a_refusal_says_why_and_the_step_does_not_run(tmp_path: Path) -> None:
    rules = policy(tmp_path)
    async with walking(tmp_path, DOCUMENT, policy=rules) as pilot:
        await asked_for_approval(pilot)
        async with walking(tmp_path, DOCUMENT, operator="grace", policy=rules) as second:
            await settle(second)
            await second.press("f6")
            await choose(second, "ada asks")
            await choose(second, "Refuse it")
            await say(second, "not before noon")
            await settle(second)
        await until(pilot, "refused by grace: not before noon")
        await settle(pilot)
        assert current(pilot).status is StepStatus.PENDING
    assert marks(tmp_path) == []


async def test_the_one_who_asked_is_not_the_second_person(tmp_path: Path) -> None:
    rules = policy(tmp_path)
    async with walking(tmp_path, DOCUMENT, policy=rules) as pilot:
        await asked_for_approval(pilot)
        async with walking(tmp_path, DOCUMENT, policy=rules) as again:
            await settle(again)
            assert again.app.requests == ()  # type: ignore[attr-defined]
