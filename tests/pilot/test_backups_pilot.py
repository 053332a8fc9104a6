"""The screen of backups, over real directories."""

import asyncio
import gzip
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.backups.settings import BackupSettings
from procedures.backups.values import LastVerified, Outcome, RecoveryPoint, ScheduleState
from procedures.environment import Environment, Method, Tier
from procedures.reference.backups import Schedule
from procedures.reference.states import State
from procedures.signals.values import Backups
from tests.integration.backups.depot_of_files import complete, packed
from tests.scripted import NOW, FixedClock, ScriptedWatch, scripted_console, settle, snapshot
from tui.app import ConsoleApp
from tui.screens.backups import BackupScreen, BackupsScreen
from widgets.backup_state import ReadingBar
from widgets.line_list import LineList
from widgets.painted import Painted
from widgets.summaries import StorageSummary
from widgets.text_view import TextView

WHOLE = gzip.compress(packed(complete()))
SIZES = [(80, 24), (200, 50)]
PATIENCE_S = 30.0


class Console:
    """A console over a directory of backups below ``root``."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "backups"
        self.directory.mkdir()
        self.clock = FixedClock()
        environment = Environment(
            name="prod",
            tier=Tier.PRODUCTION,
            method=Method.DOCKER,
            backup_dir=self.directory,
            backups=BackupSettings(memory=root / "verified.json"),
        )
        self.app: ConsoleApp
        self.watch: ScriptedWatch
        self.app, self.watch = scripted_console(root, environment=environment, clock=self.clock)

    def write(self, name: str, content: bytes = WHOLE, *, minutes_ago: float) -> None:
        path = self.directory / name
        path.write_bytes(content)
        at = (NOW - timedelta(minutes=minutes_ago)).timestamp()
        os.utime(path, (at, at))

    async def open(self, pilot: Pilot[int]) -> None:
        self.watch.say(snapshot())
        await settle(pilot)
        self.app.open_backups()
        await settle(pilot)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    """A console with an hourly and a daily backup."""
    console = Console(tmp_path)
    console.write("backup-hourly-x.tar.gz", minutes_ago=41)
    console.write("backup-daily-x.tar.gz", minutes_ago=72)
    return console


def shown(pilot: Pilot[int]) -> str:
    """Return what the top screen shows."""
    lines: list[str] = []
    for widget in pilot.app.screen.query("*"):
        if isinstance(widget, Painted | LineList | TextView) and widget.display:
            lines += [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
    return "\n".join(lines)


async def until(pilot: Pilot[int], text: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while text not in shown(pilot):
            await pilot.pause(0.02)


@pytest.mark.parametrize("size", SIZES)
async def test_ages_schedules_and_the_recovery_point_are_seen(
    console: Console, size: tuple[int, int]
) -> None:
    async with console.app.run_test(size=size) as pilot:
        await console.open(pilot)
        text = shown(pilot)
        for part in (
            "● recovery point 41m of 60m",
            "● hourly   41m of 90m",
            "1 of 24 kept",
            "never verified",
            "backup-daily-x.tar.gz",
            "2 backups",
        ):
            assert part in text


async def test_the_recovery_point_ticks_and_turns_when_too_much_would_be_lost(
    console: Console,
) -> None:
    async with console.app.run_test(size=(80, 24)) as pilot:
        await console.open(pilot)
        console.clock.pass_(60 * 19)
        await until(pilot, "● recovery point 60m of 60m")
        console.clock.pass_(60)
        await until(pilot, "▲ recovery point 61m of 60m, more than may be lost")


async def test_the_backup_under_the_cursor_is_verified_and_known_from_then_on(
    console: Console,
) -> None:
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        await pilot.press("v")
        await settle(pilot)
        await until(pilot, "✓")
        text = shown(pilot)
        assert "verified 0s ago" in text
        assert "UTC, verified" in text
        assert text.count("never verified") == 1
        assert console.watch.looked, "the dashboard learns it at once"
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, BackupScreen)
        assert "2 files are what SHA256SUMS says" in shown(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, BackupsScreen)


async def test_all_newest_are_verified_one_after_the_other_and_damage_is_seen(
    console: Console,
) -> None:
    console.write("backup-hourly-x.tar.gz", WHOLE[:-9], minutes_ago=41)
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        await pilot.press("V")
        await settle(pilot)
        await until(pilot, "× ")
        text = shown(pilot)
        assert "damaged 0s ago" in text
        assert "verified 0s ago" in text
        assert "the newest backup is damaged" in text
        assert "recovery point 72m of 60m" in text


async def test_a_long_reading_shows_how_far_it_is_and_can_be_stopped(console: Console) -> None:
    console.app.services.environment = replace(
        console.app.services.environment,
        backups=BackupSettings(dump_reader=("sleep", "1000")),
    )
    console.write("z.dump", b"PGDMP" + bytes(8 * 1024**2), minutes_ago=1)
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        assert "Stop" not in shown(pilot)
        await pilot.press("v")
        await until(pilot, "of 8.0MiB  z.dump")
        assert "Stop" in shown(pilot)
        assert "Verify" not in shown(pilot)
        await pilot.press("x")
        async with asyncio.timeout(PATIENCE_S):
            while pilot.app.screen.query_one(ReadingBar).display:
                await pilot.pause(0.02)
        assert shown(pilot).count("never verified") == 3


async def test_leaving_the_screen_ends_the_reading(console: Console) -> None:
    console.app.services.environment = replace(
        console.app.services.environment,
        backups=BackupSettings(dump_reader=("sleep", "1000")),
    )
    console.write("z.dump", b"PGDMP" + bytes(8 * 1024**2), minutes_ago=1)
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        await pilot.press("v")
        await until(pilot, "z.dump")
        await pilot.press("escape")
        await settle(pilot)
        assert type(pilot.app.screen).__name__ == "DashboardScreen"


async def test_the_cursor_stays_on_its_backup_when_a_newer_one_comes(console: Console) -> None:
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        await pilot.press("down")
        console.write("backup-hourly-y.tar.gz", minutes_ago=1)
        console.watch.say(snapshot(backups=Backups(state=State.OK, count=3)))
        await settle(pilot)
        await until(pilot, "backup-hourly-y.tar.gz")
        row = pilot.app.screen.query_one("#backup-list", LineList).row
        assert row is not None
        assert row.backup.path == "backup-daily-x.tar.gz"


async def test_a_directory_that_goes_and_comes_back_is_told_and_found_again(
    console: Console,
) -> None:
    kept = console.directory.with_name("kept")
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        console.directory.rename(kept)
        console.watch.say(snapshot(backups=Backups(state=State.UNKNOWN)))
        await until(pilot, "No such file")
        kept.rename(console.directory)
        console.watch.say(snapshot(backups=Backups(state=State.OK)))
        await until(pilot, "backup-daily-x.tar.gz")


async def test_settings_without_backups_are_told(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot())
        await settle(pilot)
        app.open_backups()
        await until(pilot, "The settings name no place of backups")


async def test_a_name_is_text_and_steers_nothing(console: Console) -> None:
    console.write("[red]x\x1b[2J.tar.gz", minutes_ago=1)
    async with console.app.run_test(size=(120, 30)) as pilot:
        await console.open(pilot)
        assert "[red]x" in shown(pilot)
        assert "\x1b" not in shown(pilot)
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "[red]x" in shown(pilot)


RECOVERY = RecoveryPoint(
    at=NOW - timedelta(minutes=41), path="hourly/x.tar.gz", verified=False, rpo_s=3600
)
HOURLY = ScheduleState(
    schedule=Schedule.HOURLY,
    state=State.OK,
    allowed_s=5400,
    kept=24,
    keep=24,
    newest_at=NOW - timedelta(minutes=41),
)
DAILY = replace(HOURLY, schedule=Schedule.DAILY, newest_at=NOW - timedelta(hours=9), kept=30)
BACKUPS = Backups(
    state=State.OK,
    newest="hourly/x.tar.gz",
    newest_at=RECOVERY.at,
    size_bytes=4_200_000,
    count=54,
    recovery=RECOVERY,
    schedules=(HOURLY, DAILY),
    verified=LastVerified(
        path="daily/x.tar.gz", at=NOW, outcome=Outcome.PASSED, made_at=NOW - timedelta(hours=9)
    ),
    verified_at=NOW - timedelta(hours=9),
)


async def test_the_dashboard_shows_the_recovery_point_against_what_may_be_lost(
    tmp_path: Path,
) -> None:
    app, watch = scripted_console(tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        watch.say(snapshot(backups=BACKUPS))
        await settle(pilot)
        text = _summary(pilot)
        for part in ("41m of 60m", "verified: 9h old", "hourly   41m of 90m", "daily"):
            assert part in text


async def test_the_dashboard_names_a_late_schedule_however_small_it_is(tmp_path: Path) -> None:
    app, watch = scripted_console(tmp_path)
    late = replace(DAILY, state=State.CRITICAL, fault="the daily backup is late")
    async with app.run_test(size=(80, 24)) as pilot:
        watch.say(snapshot(backups=replace(BACKUPS, schedules=(HOURLY, late))))
        await settle(pilot)
        text = _summary(pilot)
        assert "■ daily" in text
        assert "hourly" not in text.replace("hourly/x", "")


async def test_the_backups_panel_is_reached_with_the_arrows_and_opened_with_enter(
    console: Console,
) -> None:
    async with console.app.run_test(size=(80, 24)) as pilot:
        console.watch.say(snapshot())
        await settle(pilot)
        await pilot.press("down", "down", "right", "right")
        await pilot.pause()
        assert pilot.app.screen.query_one(StorageSummary).is_selected
        assert "›● Backups" in _summary(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, BackupsScreen)


async def test_a_double_click_on_the_panel_opens_it_and_the_palette_does_too(
    console: Console,
) -> None:
    async with console.app.run_test(size=(80, 24)) as pilot:
        console.watch.say(snapshot())
        await settle(pilot)
        await pilot.click(StorageSummary, times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, BackupsScreen)
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("ctrl+p", *"gotobackups")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, BackupsScreen)


def _summary(pilot: Pilot[int]) -> str:
    summary = pilot.app.screen.query_one(StorageSummary)
    return "\n".join(summary.render_line(y).text for y in range(summary.size.height))
