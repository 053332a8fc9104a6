"""How each screen looks in each state; what the pictures mean is asserted by the pilot tests."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from procedures.environment import Environment, Method, Tier
from procedures.ledger.sqlite_ledger import SqliteLedger
from procedures.reference.levels import Level
from procedures.reference.states import State
from procedures.response.incidents import Severity, declared
from procedures.runbook.parser import parse
from procedures.signals.values import (
    AlertHandling,
    AlertPhase,
    Alerts,
    Backups,
    Component,
    Disk,
    Health,
    Snapshot,
    SourceStatus,
)
from tests.scripted import (
    CALM,
    NOW,
    FixedClock,
    ScriptedServices,
    ScriptedWatch,
    alert,
    healthy,
    scripted_console,
    settle,
    snapshot,
    unknown,
)
from tests.walking import current, kill_supervisor, until
from tui.app import ConsoleApp
from tui.screens.walk import WalkScreen
from widgets.confirm_dialog import ConfirmDialog, Question

Compare = Callable[..., bool]
Before = Callable[[Pilot[int]], Awaitable[None]]

SIZES = [(80, 24), (200, 50)]
ALERTS = Alerts(
    items=(
        alert("ServiceDown", "critical", minutes=2),
        replace(
            alert("HighLatency", minutes=35),
            handling=AlertHandling.ACKNOWLEDGED,
            comment="ACK! looking into it (ada)",
        ),
        replace(alert("StorageNearCapacity", minutes=300), handling=AlertHandling.SILENCED),
        alert("LowCacheHitRate", phase=AlertPhase.PENDING, minutes=4),
        alert("ConfigurationChanged", "info", minutes=1),
    ),
    source="alertmanager",
    at=NOW,
)
TROUBLE = snapshot(
    values={**CALM, "availability": 66.7, "p95-latency": 143.0, "cache-hit-rate": 61.4},
    alerts=ALERTS,
    health=Health(
        state=State.WARNING,
        word="degraded",
        components=(
            Component(name="storage", state=State.OK, word="healthy", duration_ms=12.0),
            Component(name="cache", state=State.WARNING, word="degraded", duration_ms=19.0),
        ),
        reports_components=True,
        version="0.5.0",
        http_status=200,
        at=NOW,
    ),
)
LOST = replace(
    snapshot(),
    readings={name: unknown(name, "no answer for 2m") for name in CALM},
    histories={},
    health=Health(state=State.UNKNOWN, word="no answer", fault="connection refused"),
    alerts=Alerts(fault="connection refused"),
    backups=Backups(state=State.UNKNOWN, fault="no backup directory is configured"),
    disk=Disk(state=State.UNKNOWN, fault="no data directory is configured"),
    sources=(
        SourceStatus(name="prometheus", address="http://prometheus", fault="connection refused"),
        SourceStatus(name="health", address="http://api/health", fault="connection refused"),
    ),
)
MINIMAL = snapshot(health=replace(healthy(), version="0.5.0"))
SHELF = Path(__file__).parent / "shelf"
"""Documents that stay as they are, so that the pictures change with the console only."""

STATES = {"calm": snapshot(), "trouble": TROUBLE, "lost": LOST, "minimal-health": MINIMAL}


def shelved_console(
    state_dir: Path,
    *,
    tier: Tier = Tier.PRODUCTION,
    method: Method = Method.KUBERNETES,
    environment: Environment | None = None,
    clock: FixedClock | None = None,
) -> tuple[ConsoleApp, ScriptedWatch]:
    """Return a console with the documents of the shelf."""
    return scripted_console(
        state_dir,
        tier=tier,
        method=method,
        environment=environment,
        clock=clock,
        procedures=[SHELF],
    )


def saying(app: App[int], said: Snapshot, *keys: str) -> Before:
    """Return what to do before the picture: say ``said``, press ``keys``."""

    async def before(pilot: Pilot[int]) -> None:
        assert isinstance(app, ConsoleApp)
        services = app.services
        assert isinstance(services, ScriptedServices)
        services.watch.say(said)
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return before


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
@pytest.mark.parametrize("state", STATES)
def test_dashboard(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int], state: str
) -> None:
    app, _ = shelved_console(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=saying(app, STATES[state]))


def test_dashboard_on_a_very_small_terminal(snap_compare: Compare, tmp_path: Path) -> None:
    app, _ = shelved_console(tmp_path)
    assert snap_compare(app, terminal_size=(40, 10), run_before=saying(app, TROUBLE))


def test_dashboard_without_colour(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = shelved_console(tmp_path)
    assert snap_compare(app, terminal_size=(80, 24), run_before=saying(app, TROUBLE))


@pytest.mark.parametrize("tier", list(Tier))
def test_the_badge_of_each_tier(snap_compare: Compare, tmp_path: Path, tier: Tier) -> None:
    app, _ = shelved_console(tmp_path, tier=tier)
    assert snap_compare(app, terminal_size=(80, 12), run_before=saying(app, snapshot()))


@pytest.mark.parametrize("tab", [1, 2, 3])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
def test_tabs(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], tab: int) -> None:
    app, _ = shelved_console(tmp_path)
    keys = ["right_square_bracket"] * tab
    assert snap_compare(app, terminal_size=size, run_before=saying(app, TROUBLE, *keys))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
@pytest.mark.parametrize("state", ["calm", "trouble", "lost"])
def test_chart(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], state: str) -> None:
    app, _ = shelved_console(tmp_path)
    before = saying(app, STATES[state], "right", "enter")
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
@pytest.mark.parametrize("state", ["calm", "trouble", "lost"])
def test_alerts(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], state: str) -> None:
    app, _ = shelved_console(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=saying(app, STATES[state], "2"))


def test_one_alert(snap_compare: Compare, tmp_path: Path) -> None:
    app, _ = shelved_console(tmp_path)
    before = saying(app, TROUBLE, "2", "down", "enter")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
def test_procedures(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = shelved_console(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=saying(app, snapshot(), "3"))


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
def test_a_procedure_before_it_is_begun(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    app, _ = shelved_console(tmp_path)
    before = saying(app, snapshot(), "3", "enter", "down", "down", "down")
    assert snap_compare(app, terminal_size=size, run_before=before)


def test_the_palette(snap_compare: Compare, tmp_path: Path) -> None:
    app, _ = shelved_console(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        await saying(app, snapshot(), "ctrl+p")(pilot)
        pilot.app.screen.query_one(Input).cursor_blink = False
        await pilot.press(*"walk")
        await settle(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_an_open_incident_stands_in_the_header(snap_compare: Compare, tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", clock=FixedClock(NOW - timedelta(minutes=20)))
    fact = declared(Severity.P1, "writes fail", at=NOW, environment="production", by="bob")
    ledger.append(fact)
    ledger.close()
    app, _ = shelved_console(tmp_path)
    before = saying(app, TROUBLE, "2")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_help(snap_compare: Compare, tmp_path: Path) -> None:
    app, _ = shelved_console(tmp_path)
    before = saying(app, snapshot(), "question_mark")
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


DOCUMENT = """\
---
id: look-around
title: Look around
theme: health-checks
summary: Two commands and a question.
methods: [kubernetes]
duration: 5m
---

## Phase 1: Look {budget=2m}

### Say hello

```sh
printf 'hello from the watch\\nall is well\\n'
```

```expect
all is well
```

### Count to three

> [!WARNING]
> This step fails on purpose.

```sh
echo one; echo two; exit 3
```

**If it fails** It always does.

### Write it down

- [ ] Tell the channel
"""


STAGING = Environment(name="staging", tier=Tier.STAGING, method=Method.KUBERNETES)


def walking(app: ConsoleApp, text: str, drive: Before) -> Before:
    """Return what to do before the picture: open the document ``text`` and ``drive`` the walk."""

    async def before(pilot: Pilot[int]) -> None:
        await saying(app, snapshot())(pilot)
        procedure = parse(text, Path("health-checks/look-around.md"))
        await app.push_screen(WalkScreen(procedure))
        await settle(pilot)
        await drive(pilot)

    return before


def pressing_enter(times: int) -> Before:
    """Return what presses Enter and lets each turn come to its end."""

    async def drive(pilot: Pilot[int]) -> None:
        for _ in range(times):
            await pilot.press("enter")
            await settle(pilot)

    return drive


def console(tmp_path: Path, environment: Environment = STAGING) -> ConsoleApp:
    """Return a console with a real ledger."""
    return ConsoleApp(ScriptedServices(environment, state_dir=tmp_path, clock=FixedClock()))


@pytest.mark.parametrize("presses", [2, 3], ids=["one-step-passed", "one-step-failed"])
def test_a_run(snap_compare: Compare, tmp_path: Path, presses: int) -> None:
    app = console(tmp_path)
    before = walking(app, DOCUMENT, pressing_enter(presses))
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_a_completed_run(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procedures.execution.record.runs.secrets.token_hex", lambda _: "c0ffee")
    app = console(tmp_path)
    text = DOCUMENT.replace("; exit 3", "")
    before = walking(app, text, pressing_enter(4))
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_a_way_out_to_choose(snap_compare: Compare, tmp_path: Path) -> None:
    app = console(tmp_path)

    async def drive(pilot: Pilot[int]) -> None:
        await pressing_enter(3)(pilot)
        await pilot.press("enter")
        await pilot.pause()

    before = walking(app, DOCUMENT, drive)
    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


LONG = """\
---
id: look-around
title: Look around
theme: health-checks
summary: A command that takes its time.
methods: [kubernetes]
duration: 5m
---

## Phase 1: Look

### Wait for the marker

```sh {timeout=60s}
printf 'waiting for the %s\\n' marker
until test -e "$(printenv MARKER)"; do sleep 0.05; done
```
"""


@pytest.mark.parametrize("lost", [False, True], ids=["running", "in-doubt"])
def test_a_command_under_way(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: bool
) -> None:
    # The number of a process group is never the same twice.
    monkeypatch.setattr("procedures.execution.command.supervision.surviving_group", lambda _: None)
    marker = tmp_path / "marker"
    app = console(tmp_path, replace(STAGING, facts={"MARKER": str(marker)}))

    async def drive(pilot: Pilot[int]) -> None:
        await pressing_enter(1)(pilot)
        await pilot.press("enter")
        await until(pilot, "waiting for the marker")
        if lost:
            kill_supervisor(current(pilot))
            marker.touch()
            await until(pilot, "? 1. Wait for the marker")
            await settle(pilot)

    before = walking(app, LONG, drive)
    try:
        assert snap_compare(app, terminal_size=(80, 24), run_before=before)
    finally:
        marker.touch()


QUESTION = Question(
    title="Empty the cache",
    level=Level.DESTRUCTIVE,
    facts=(
        ("Where", "production (production), kubernetes"),
        ("Command", "kubectl exec -n \"$NAMESPACE\" redis-0 -- sh -c 'redis-cli FLUSHALL'"),
        ("With", "NAMESPACE=llm-config"),
        ("Affects", "every cached value"),
        ("Preconditions, checked now", "✓ health component cache is healthy: 2 ms"),
        ("Way back", "none: this cannot be undone"),
    ),
    typed="production",
)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "200x50"])
@pytest.mark.parametrize("blocked", ["", "alert LowCacheHitRate is not firing: it fires"])
def test_a_destructive_confirmation(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int], blocked: str
) -> None:
    app, _ = shelved_console(tmp_path)
    question = replace(QUESTION, blocked=blocked, may_override=True)

    async def before(pilot: Pilot[int]) -> None:
        await saying(app, snapshot())(pilot)
        dialog = ConfirmDialog(question, grace_s=0.01)
        await app.push_screen(dialog)
        while not dialog.is_listening:
            await pilot.pause(0.02)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
