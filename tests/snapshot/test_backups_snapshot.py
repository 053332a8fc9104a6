"""How the screen of backups looks; what the pictures mean is asserted by the pilot tests."""

import gzip
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from procedures.backups.directory import backups_below
from procedures.backups.memory import Memory
from procedures.backups.settings import BackupSettings, ScheduleLimits
from procedures.backups.values import Check, RecoveryPoint, ScheduleState, Verification
from procedures.environment import Environment, Method, Tier
from procedures.reference.backups import Schedule
from procedures.reference.states import State
from tests.scripted import NOW, scripted_console, settle, snapshot
from tui.app import ConsoleApp
from tui.screens.backups import BackupsScreen
from widgets.backup_state import ReadingBar
from widgets.banner import Banner

Compare = Callable[..., bool]
Before = Callable[[Pilot[int]], Awaitable[None]]

SIZES = [(80, 24), (200, 50)]
IDS = ["80x24", "200x50"]
WHOLE = (Check(name="integrity", passed=True, said="read to its end: 6 members, its dump"),
         Check(name="manifest", passed=True, said="5 files are what SHA256SUMS says"))  # fmt: skip
CUT = (Check(name="integrity", passed=False, said="database.dump: it ends in the middle"),)
SEALED = (Check(name="integrity", passed=None, said="it is encrypted"),)
STOCK: dict[str, tuple[int, int, tuple[Check, ...]]] = {
    "backup-hourly-20260304T023100Z.tar.gz": (41, 4_200_000, ()),
    "backup-hourly-20260304T013100Z.tar.gz": (101, 4_100_000, WHOLE),
    "database/database-20260304T003000Z.dump": (162, 1_900_000, ()),
    "backup-daily-20260303T020000Z.tar.gz": (1512, 4_000_000, CUT),
    "weekly/offsite-20260301T030000Z.tar.gz.gpg": (4332, 3_900_000, SEALED),
    "configuration/config-20260228T100000Z.tar.gz": (6792, 12_000, WHOLE),
}


def console(root: Path) -> ConsoleApp:
    """Return a console over a directory in which all that can be seen is seen."""
    directory = root / "backups"
    memory = Memory(root / "verified.json")
    for number, (path, (minutes, size, _)) in enumerate(STOCK.items()):
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as content:
            content.write(gzip.compress(bytes([number])))
            content.truncate(size)
        at = (NOW - timedelta(minutes=minutes)).timestamp()
        os.utime(file, (at, at))
    schedules = {Schedule.HOURLY: ScheduleLimits(), Schedule.DAILY: ScheduleLimits()}
    environment = Environment(
        name="prod",
        tier=Tier.PRODUCTION,
        method=Method.DOCKER,
        backup_dir=directory,
        backups=BackupSettings(memory=root / "verified.json", schedules=schedules),
    )
    app, _ = scripted_console(root, environment=environment)
    _remember(environment, memory)
    return app


def _remember(environment: Environment, memory: Memory) -> None:
    assert environment.backup_dir
    for backup in backups_below(environment.backup_dir):
        if checks := STOCK[backup.path][2]:
            proves = checks is WHOLE
            at = NOW - timedelta(minutes=30)
            memory.remember(backup.key, Verification(at=at, checks=checks, proves=proves))


def showing(app: ConsoleApp, *keys: str, reading: bool = False) -> Before:
    """Return what to do before the picture: open the screen, press ``keys``."""

    async def before(pilot: Pilot[int]) -> None:
        app.services.watch.say(snapshot())  # type: ignore[attr-defined]
        await settle(pilot)
        app.open_backups()
        await settle(pilot)
        assert isinstance(app.screen, BackupsScreen)
        # The directory of a test has another name each time.
        app.screen.query_one("#backups-banner", Banner).show("Backups", "6 backups · /backups")
        if reading:
            bar = app.screen.query_one(ReadingBar)
            bar.show("backup-hourly-20260304T023100Z.tar.gz", 1_700_000, 4_200_000)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return before


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_backups(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = console(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=showing(app, "down"))


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_a_backup_being_read(snap_compare: Compare, tmp_path: Path, size: tuple[int, int]) -> None:
    app = console(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=showing(app, reading=True))


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_details_of_a_backup(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = console(tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=showing(app, "down", "enter"))


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_dashboard_with_schedules_and_a_recovery_point(
    snap_compare: Compare, tmp_path: Path, size: tuple[int, int]
) -> None:
    recovery = RecoveryPoint(
        at=NOW - timedelta(minutes=41), path="x", verified=True, rpo_s=3600, demanded=True
    )
    hourly = ScheduleState(
        schedule=Schedule.HOURLY,
        state=State.OK,
        allowed_s=5400,
        kept=24,
        keep=24,
        newest_at=recovery.at,
    )
    daily = replace(
        hourly, schedule=Schedule.DAILY, state=State.WARNING, fault="the daily backup is late",
        newest_at=NOW - timedelta(hours=26), allowed_s=90_000, kept=29, keep=30,
    )  # fmt: skip
    calm = snapshot()
    told = replace(calm.backups, recovery=recovery, schedules=(hourly, daily), state=State.WARNING)
    app, watch = scripted_console(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        watch.say(replace(calm, backups=told))
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)
