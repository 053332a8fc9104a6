"""What names and directories tell about backups."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.backups.names import checksums_of, is_backup, kind_of, made_at, schedule_of
from procedures.backups.values import Kind
from procedures.reference.backups import Schedule, load_schedules

MOMENTS = st.integers(1_000_000_000, 3_700_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
CHANGED = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "schedule", "kind"),
    [
        ("backup-hourly-20260304T110000Z.tar.gz", Schedule.HOURLY, Kind.COMPLETE),
        ("backup-daily-20260304T020000Z.tar.gz", Schedule.DAILY, Kind.COMPLETE),
        ("backup-20260304-020000.tar.gz", Schedule.DAILY, Kind.COMPLETE),
        ("backup-manual-20260304T020000Z.tar.gz", None, Kind.COMPLETE),
        ("backup-volume-20260304T020000Z.tar.gz", None, Kind.FILES),
        ("weekly/anything.tar.zst", Schedule.WEEKLY, Kind.OTHER),
        ("monthly/database/database-20260301T020000Z.dump", Schedule.MONTHLY, Kind.DATABASE),
        ("database/database-20260304T020000Z.dump", None, Kind.DATABASE),
        ("files/files-20260304T020000Z.tar.gz", None, Kind.FILES),
        ("base/base-20260304T020000Z.tar.gz", None, Kind.BASE),
        ("backup-db-20260304.dump", None, Kind.DATABASE),
        ("full-backup-20260304.dump", None, Kind.DATABASE),
        ("storage-backup-20260304.tar.gz", None, Kind.FILES),
        ("config-backup-20260304.tar.gz", None, Kind.CONFIGURATION),
        ("audit-20260304.tar.gz", None, Kind.AUDIT),
        ("backup-daily-20260304T020000Z.tar.gz.gpg", Schedule.DAILY, Kind.COMPLETE),
    ],
)
def test_a_backup_is_known_by_its_directory_or_else_by_its_name(
    path: str, schedule: Schedule | None, kind: Kind
) -> None:
    assert (schedule_of(path), kind_of(path)) == (schedule, kind)


@given(schedule=st.sampled_from(Schedule), stamp=MOMENTS)
def test_the_class_that_a_procedure_writes_into_a_name_is_read_from_it(
    schedule: Schedule, stamp: datetime
) -> None:
    name = f"backup-{schedule.value}-{stamp:%Y%m%dT%H%M%SZ}.tar.gz"
    assert is_backup(name)
    assert schedule_of(name) is schedule
    assert schedule_of(f"{schedule.value}/x.tar") is schedule


@given(st.text(max_size=40))
def test_no_name_is_too_odd_to_be_looked_at(name: str) -> None:
    schedule_of(name)
    kind_of(name)
    is_backup(name)
    assert made_at(name, CHANGED) <= CHANGED


@given(MOMENTS)
def test_a_copy_is_no_younger_than_its_stamp_and_a_stamp_no_younger_than_the_file(
    stamp: datetime,
) -> None:
    made = made_at(f"daily/backup-daily-{stamp:%Y%m%dT%H%M%SZ}.tar.gz", CHANGED)
    assert made == min(stamp, CHANGED)


@pytest.mark.parametrize("stamp", ["20261399T000000Z", "20260304T990000Z", "20260304T110000"])
def test_what_is_no_moment_is_no_stamp(stamp: str) -> None:
    assert made_at(f"backup-{stamp}.tar.gz", CHANGED - timedelta(days=1)) == CHANGED - timedelta(
        days=1
    )


@pytest.mark.parametrize(
    "name", [".hidden.tar.gz", "a.tar.gz.sha256", "SHA256SUMS", "a.tar.gz.partial", "notes.txt"]
)
def test_what_lies_beside_backups_is_none(name: str) -> None:
    assert not is_backup(name)


def test_the_checksum_of_the_file_itself_goes_before_that_of_all() -> None:
    beside = frozenset({"daily/a.tar", "daily/a.tar.sha256", "daily/SHA256SUMS", "SHA256SUMS"})
    assert checksums_of("daily/a.tar", beside) == "daily/a.tar.sha256"
    assert checksums_of("daily/b.tar", beside) == "daily/SHA256SUMS"
    assert checksums_of("b.tar", beside) == "SHA256SUMS"
    assert checksums_of("weekly/b.tar", beside) == ""


def test_the_shipped_schedules_leave_room_for_their_period_and_keep_what_the_plan_says() -> None:
    periods_m = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200}
    for policy in load_schedules():
        assert policy.max_age_m > periods_m[policy.schedule.value]
        assert policy.rpo_m <= policy.max_age_m
    assert [each.keep for each in load_schedules()] == [24, 30, 12, 12]
