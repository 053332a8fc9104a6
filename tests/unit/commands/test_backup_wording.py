"""How backups are told in one line, to people and to programs."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from procedures.backups.settings import BackupSettings
from procedures.backups.values import RecoveryPoint, ScheduleState
from procedures.environment import Environment, Method, Tier
from procedures.reference.backups import Schedule
from procedures.reference.states import State
from procedures.signals.values import Backups
from procedures.signals.verdict import findings
from tests.scripted import NOW, snapshot
from tui.commands.snapshot_json import snapshot_json
from tui.wording import Wording

WEEKLY = ScheduleState(
    schedule=Schedule.WEEKLY,
    state=State.CRITICAL,
    allowed_s=691_200,
    kept=0,
    keep=12,
    expected=True,
    fault="there is no weekly backup",
)
BACKUPS = Backups(
    state=State.CRITICAL,
    newest="hourly/a.tar.gz",
    newest_at=NOW - timedelta(minutes=41),
    size_bytes=1024,
    count=3,
    schedules=(WEEKLY,),
    recovery=RecoveryPoint(
        at=NOW - timedelta(minutes=41), path="hourly/a.tar.gz", verified=True, rpo_s=3600
    ),
)
ENVIRONMENT = Environment(
    name="prod",
    tier=Tier.PRODUCTION,
    method=Method.DOCKER,
    backups=BackupSettings(s3="s3://llm-config-backups"),
)


def test_a_line_tells_the_recovery_point_and_what_is_late() -> None:
    told = Wording(ENVIRONMENT, {}, NOW).detail(BACKUPS)
    assert told == (
        "hourly/a.tar.gz (1.0KiB), 41m old, 3 in all, recovery point 41m of 60m; "
        "there is no weekly backup"
    )


def test_backups_count_where_there_is_only_a_bucket() -> None:
    said = snapshot(values={}, backups=BACKUPS)
    about = [each.about for each in findings(said, ENVIRONMENT, ())]
    assert BACKUPS in about
    nowhere = replace(ENVIRONMENT, backups=BackupSettings())
    assert BACKUPS not in [each.about for each in findings(said, nowhere, ())]


def test_programs_get_schedules_and_recovery_point() -> None:
    said = snapshot(values={}, backups=BACKUPS)
    told = json.loads(snapshot_json(said, (), ENVIRONMENT, {}))["backups"]
    assert told["schedules"][0]["schedule"] == "weekly"
    assert told["recovery"]["rpo_s"] == 3600
    assert told["recovery"]["at"] == (NOW - timedelta(minutes=41)).isoformat()


def test_a_directory_alone_is_enough() -> None:
    assert replace(ENVIRONMENT, backups=BackupSettings(), backup_dir=Path("/x")).has_backups
