"""How a run looks on its way back, beside its effects, before it begins, and while one waits."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.environment import Environment, Method, Tier
from procedures.execution.command import supervision
from procedures.execution.policy.policy import Operator
from procedures.execution.walking.walk import Walk
from procedures.runbook.parser import parse
from tests.scripted import FixedClock, ScriptedServices, settle, snapshot
from tests.walking import choose, confirm, on_top, run_of, say, until
from tui.app import ConsoleApp
from tui.screens.dry_run import DryRunScreen
from tui.screens.run_facts import RunFactsScreen
from tui.screens.walk import WalkScreen
from widgets.choice_dialog import ChoiceDialog
from widgets.confirm_dialog import ConfirmDialog
from widgets.terminal_view import TerminalView

Compare = Callable[..., bool]
Before = Callable[[Pilot[int]], Awaitable[None]]

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])

DOCUMENT = """\
---
id: drain-node
title: Drain a node
theme: common-issues
summary: Move work away from one node, and look after it.
methods: [kubernetes]
rollback: drain-node
duration: 10m
---

## Phase 1: Drain {budget=5m}

### Close the node

> [!CAUTION]
> Nothing new is scheduled there until it is opened again.

```sh {level=change affects="new pods on the node"}
touch "$FOLDER/closed"; echo node closed
```

```undo
mv "$FOLDER/closed" "$FOLDER/opened"
```

### Ask the owner

```sh {level=change affects="nobody" interactive=true}
printf 'May the pods go? [y/n] '; read -r answer; echo "noted: $answer"
```

### Move the pods

> [!CAUTION]
> Requests in flight are lost.

```sh {level=destructive affects="the pods of the node: requests in flight are lost"}
exit 3
```

## Phase 2: Watch

### Look after it

- [ ] Watch the error rate for ten minutes
"""

POLICY = """\
[[rule]]
procedures = ["drain-node"]
levels = ["destructive"]
second_person = true
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place with a short and constant name is what a picture needs."""
    path = Path("/tmp/quarterdeck-drain")  # noqa: S108 - removed below
    path.mkdir(exist_ok=True)
    yield path
    for each in path.iterdir():
        each.unlink()
    path.rmdir()


@pytest.fixture
def console(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ConsoleApp:
    """A console whose runs, hosts and processes are called the same every time."""
    monkeypatch.setattr("procedures.execution.record.runs.secrets.token_hex", lambda _: "c0ffee")
    monkeypatch.setattr("widgets.run_page.where", lambda _: "process 4711 on bastion-1")
    environment = Environment(
        name="staging",
        tier=Tier.STAGING,
        method=Method.KUBERNETES,
        facts={"FOLDER": str(folder)},
    )
    services = ScriptedServices(environment, state_dir=tmp_path, clock=FixedClock())
    services.policy = tmp_path / "policy.toml"
    services.policy.write_text("")
    return ConsoleApp(services)


def walking(app: ConsoleApp, drive: Before) -> Before:
    async def before(pilot: Pilot[int]) -> None:
        services = app.services
        assert isinstance(services, ScriptedServices)
        services.watch.say(snapshot())
        await settle(pilot)
        procedure = parse(DOCUMENT, Path("common-issues/drain-node.md"))
        await app.push_screen(WalkScreen(procedure))
        await settle(pilot)
        await drive(pilot)
        app.clear_notifications()
        await pilot.pause()

    return before


async def close_the_node(pilot: Pilot[int]) -> None:
    await pilot.press("enter")
    await settle(pilot)
    await pilot.press("enter")
    await confirm(pilot)
    await until(pilot, "✓ 1. Close the node")
    await settle(pilot)


async def skip_the_owner(pilot: Pilot[int]) -> None:
    await pilot.press("s")
    await say(pilot, "the owner has agreed")
    await until(pilot, "» 2. Ask the owner")
    await settle(pilot)


async def to_the_failure(pilot: Pilot[int]) -> None:
    await close_the_node(pilot)
    await skip_the_owner(pilot)
    await pilot.press("enter")
    await confirm(pilot)
    await until(pilot, "× 3. Move the pods")
    await settle(pilot)


@SIZES
def test_a_dry_run(snap_compare: Compare, console: ConsoleApp, size: tuple[int, int]) -> None:
    async def drive(pilot: Pilot[int]) -> None:
        await pilot.press("d")
        await on_top(pilot, DryRunScreen)
        await settle(pilot)

    assert snap_compare(console, terminal_size=size, run_before=walking(console, drive))


def test_the_ways_back_after_a_failure(snap_compare: Compare, console: ConsoleApp) -> None:
    async def drive(pilot: Pilot[int]) -> None:
        await to_the_failure(pilot)
        await pilot.press("u")
        await on_top(pilot, ChoiceDialog)

    assert snap_compare(console, terminal_size=(80, 24), run_before=walking(console, drive))


async def go_back(pilot: Pilot[int]) -> None:
    await to_the_failure(pilot)
    await pilot.press("u")
    await choose(pilot, "Undo everything")
    await say(pilot, "the pods did not move")
    await until(pilot, "Undo: Close the node")
    await settle(pilot)


@SIZES
def test_a_run_on_its_way_back(
    snap_compare: Compare, console: ConsoleApp, size: tuple[int, int]
) -> None:
    assert snap_compare(console, terminal_size=size, run_before=walking(console, go_back))


@SIZES
def test_the_facts_of_a_run(
    snap_compare: Compare, console: ConsoleApp, size: tuple[int, int]
) -> None:
    async def drive(pilot: Pilot[int]) -> None:
        await to_the_failure(pilot)
        await pilot.press("n")
        await say(pilot, "the drain hangs on a stateful pod")
        await settle(pilot)
        await pilot.press("e")
        await on_top(pilot, RunFactsScreen)

    assert snap_compare(console, terminal_size=size, run_before=walking(console, drive))


def test_a_step_that_waits_for_a_second_person(
    snap_compare: Compare, console: ConsoleApp, tmp_path: Path
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    before = walking(console, asking_a_second_person)
    assert snap_compare(console, terminal_size=(80, 24), run_before=before)


async def asking_a_second_person(pilot: Pilot[int]) -> None:
    await close_the_node(pilot)
    await skip_the_owner(pilot)
    await pilot.press("enter")
    await choose(pilot, "Ask for approval")
    await until(pilot, "waits for a second person")
    await settle(pilot)


@SIZES
def test_what_the_second_person_sees(
    snap_compare: Compare,
    console: ConsoleApp,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)

    async def drive(pilot: Pilot[int]) -> None:
        await asking_a_second_person(pilot)
        console.services.operator = Operator(name="grace")
        console.look_for_requests()
        await settle(pilot)
        await pilot.press("f6")
        await choose(pilot, "ada asks")
        await choose(pilot, "Look at it")
        dialog = await on_top(pilot, ConfirmDialog)
        while not dialog.is_listening:
            await pilot.pause(0.02)

    assert snap_compare(console, terminal_size=size, run_before=walking(console, drive))


def test_a_command_that_asks(snap_compare: Compare, console: ConsoleApp) -> None:
    async def drive(pilot: Pilot[int]) -> None:
        await close_the_node(pilot)
        await pilot.press("enter")
        await confirm(pilot)
        await until(pilot, "Ask the owner")
        terminal = pilot.app.screen_stack[1].query_one(TerminalView)
        for _ in range(500):
            if "May the pods go?" in terminal.screen_shown.text() and terminal.has_focus:
                break
            await pilot.pause(0.02)

    try:
        assert snap_compare(console, terminal_size=(80, 24), run_before=walking(console, drive))
    finally:
        for each in (console.services.state_dir / "runs").glob("*/ask-the-owner*"):
            supervision.cancel(each)


def test_a_run_that_another_operator_drives(snap_compare: Compare, console: ConsoleApp) -> None:
    async def drive(pilot: Pilot[int]) -> None:
        await close_the_node(pilot)
        run = run_of(pilot)
        station = replace(
            await console.services.station(),
            operator=Operator(name="grace"),
            console="bastion-2/4711/1",
        )
        procedure = parse(DOCUMENT, Path("common-issues/drain-node.md"))
        environment = console.services.environment
        other = await Walk.resume(run.id, procedure, environment, station=station)
        await other.course.take_over("ada sleeps")
        for _ in range(500):
            if run_of(pilot).driver.operator == "grace":
                break
            await pilot.pause(0.02)

    assert snap_compare(console, terminal_size=(80, 24), run_before=walking(console, drive))
