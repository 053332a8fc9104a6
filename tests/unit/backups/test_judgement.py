"""How backups stand against schedules, retention and the recovery point."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.backups.judgement import judge, newest_of_each
from procedures.backups.plan import Plan, plan_of
from procedures.backups.settings import BackupSettings, ScheduleLimits
from procedures.backups.values import (
    Backup,
    Check,
    Kind,
    Outcome,
    PlaceKind,
    RecoveryPoint,
    Verification,
)
from procedures.environment import Environment, Method, Tier
from procedures.reference.backups import Schedule
from procedures.reference.states import State

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def plan(*, max_age_h: float = 25.0, settings: BackupSettings | None = None) -> Plan:
    return plan_of(
        Environment(
            name="here",
            tier=Tier.STAGING,
            method=Method.DOCKER,
            backup_dir=Path("/backups"),
            backup_max_age_h=max_age_h,
            backups=settings or BackupSettings(),
        )
    )


def made(
    minutes_ago: float,
    schedule: Schedule | None = None,
    *,
    kind: Kind = Kind.COMPLETE,
    size: int = 1000,
) -> Backup:
    word = schedule.value if schedule else "manual"
    return Backup(
        path=f"backup-{word}-{minutes_ago:g}.tar.gz",
        place=PlaceKind.DIRECTORY,
        made_at=NOW - timedelta(minutes=minutes_ago),
        size_bytes=size,
        kind=kind,
        schedule=schedule,
        identity="1",
    )


def verified(backup: Backup, passed: bool | None = True) -> Mapping[str, Verification]:
    check = Check(name="integrity", passed=passed, said="read to its end")
    return {backup.key: Verification(at=NOW, checks=(check,), proves=passed is True)}


def test_the_recovery_point_is_the_newest_backup_and_its_loss_grows_with_time() -> None:
    recovery = judge([made(90), made(41, Schedule.HOURLY)], {}, plan(), NOW).recovery
    assert recovery is not None
    assert recovery.loss(NOW) == timedelta(minutes=41)
    assert recovery.loss(NOW + timedelta(minutes=1)) == timedelta(minutes=42)
    assert (recovery.rpo_s, recovery.verified) == (3600.0, False)


def test_a_damaged_backup_is_no_recovery_point() -> None:
    newest, before = made(5, Schedule.HOURLY), made(65, Schedule.HOURLY)
    judged = judge([newest, before], verified(newest, passed=False), plan(), NOW)
    assert judged.recovery is not None
    assert judged.recovery.path == before.path
    assert (judged.state, judged.fault) == (State.CRITICAL, "the newest backup is damaged")


def test_a_verified_recovery_point_says_so_and_one_that_nobody_could_look_into_does_not() -> None:
    newest = made(5)
    assert (recovery := judge([newest], verified(newest), plan(), NOW).recovery)
    assert recovery.verified
    assert (recovery := judge([newest], verified(newest, passed=None), plan(), NOW).recovery)
    assert not recovery.verified


def test_neither_configuration_nor_audit_can_bring_data_back() -> None:
    backups = [made(1, kind=Kind.CONFIGURATION), made(1, kind=Kind.AUDIT)]
    judged = judge(backups, {}, plan(), NOW)
    assert (judged.recovery, judged.fault) == (None, "there is no backup")


@pytest.mark.parametrize(
    ("schedule", "minutes", "late"),
    [
        (Schedule.HOURLY, 90, False),
        (Schedule.HOURLY, 91, True),
        (Schedule.DAILY, 1500, False),
        (Schedule.DAILY, 1501, True),
        (Schedule.WEEKLY, 11521, True),
        (Schedule.MONTHLY, 46080, False),
    ],
)
def test_a_schedule_is_late_when_its_newest_backup_is_too_old(
    schedule: Schedule, minutes: float, late: bool
) -> None:
    judged = judge([made(1), made(minutes, schedule)], {}, plan(), NOW)
    (state,) = judged.schedules
    assert (state.state, bool(state.fault)) == (State.WARNING if late else State.OK, late)


def test_a_schedule_that_the_settings_ask_for_is_missed_and_another_is_not() -> None:
    asked = BackupSettings(schedules={Schedule.WEEKLY: ScheduleLimits()})
    judged = judge([made(1)], {}, plan(settings=asked), NOW)
    (weekly,) = judged.schedules
    assert (weekly.state, weekly.fault) == (State.CRITICAL, "there is no weekly backup")
    assert judged.state is State.CRITICAL
    assert judge([made(1)], {}, plan(), NOW).schedules == ()


def test_the_settings_change_age_retention_and_least_size_of_one_schedule() -> None:
    limits = ScheduleLimits(max_age_s=7200, keep=3, minimum_bytes=5000)
    settings = BackupSettings(schedules={Schedule.HOURLY: limits})
    backups = [made(100, Schedule.HOURLY, size=5000), made(200, Schedule.HOURLY)]
    (hourly,) = judge(backups, {}, plan(settings=settings), NOW).schedules
    assert (hourly.state, hourly.kept, hourly.keep) == (State.OK, 2, 3)
    (hourly,) = judge(backups[1:], {}, plan(settings=settings), NOW).schedules
    assert hourly.fault == "the newest hourly backup is too small"


def test_whoever_lets_the_newest_be_two_days_old_means_the_daily_ones() -> None:
    judged = judge([made(47 * 60, Schedule.DAILY)], {}, plan(max_age_h=48), NOW)
    assert (judged.state, judged.schedules[0].fault) == (State.OK, "")


def test_a_recovery_point_that_is_asked_for_and_missed_is_critical() -> None:
    backups = [made(61, Schedule.DAILY)]
    assert judge(backups, {}, plan(), NOW).state is State.OK
    asked = plan(settings=BackupSettings(rpo_s=3600))
    assert judge(backups, {}, asked, NOW).state is State.CRITICAL


def test_a_missed_figure_of_the_recovery_plan_is_shown_and_alarms_nobody() -> None:
    point = RecoveryPoint(at=NOW, path="a", verified=True, rpo_s=3600)
    assert point.state(NOW + timedelta(minutes=60)) is State.OK
    assert point.state(NOW + timedelta(minutes=61)) is State.WARNING
    assert replace(point, demanded=True).state(NOW + timedelta(minutes=61)) is State.CRITICAL


def test_what_is_smaller_than_the_settings_allow_is_no_backup() -> None:
    judged = judge([made(1, size=999)], {}, plan(settings=BackupSettings(minimum_bytes=1000)), NOW)
    assert judged.recovery is None
    assert judged.fault == "the newest backup has 999 bytes; 1000 are the least"


def test_the_newest_of_each_kind_is_worth_verifying() -> None:
    hourly, daily = made(5, Schedule.HOURLY), made(600, Schedule.DAILY)
    dump = made(700, kind=Kind.DATABASE)
    backups = [hourly, made(65, Schedule.HOURLY), daily, made(2040, Schedule.DAILY), dump]
    assert newest_of_each(backups) == (hourly, daily, dump)


ANY = st.builds(
    made,
    st.integers(0, 100_000),
    st.one_of(st.none(), st.sampled_from(Schedule)),
    kind=st.sampled_from(Kind),
    size=st.integers(0, 3),
)


@given(
    backups=st.lists(ANY, max_size=12, unique_by=lambda b: b.path),
    passed=st.booleans(),
    order=st.randoms(),
)
def test_the_judgement_depends_on_no_order_and_never_on_what_cannot_restore(
    backups: list[Backup], passed: bool, order: object
) -> None:
    known = verified(backups[0], passed) if backups else {}
    judged = judge(backups, known, plan(), NOW)
    for each in judged.schedules:
        of_it = [b for b in backups if b.schedule is each.schedule and b.kind.restores_data]
        assert each.kept == len(of_it)
        assert each.newest_at == max(b.made_at for b in of_it)
    if judged.recovery is not None:
        better = [b for b in backups if b.made_at > judged.recovery.at]
        usable = [b for b in better if b.kind.restores_data and b.size_bytes]
        assert all(b.key in known and known[b.key].outcome is Outcome.FAILED for b in usable), (
            "something younger could have been used"
        )
    again = judge(sorted(backups, key=lambda b: b.path), known, plan(), NOW)
    assert (again.state, again.fault) == (judged.state, judged.fault)
