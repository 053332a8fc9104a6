"""How often backups are due, how long they are kept, and how much may be lost meanwhile."""

from dataclasses import dataclass
from enum import Enum
from functools import cache

from procedures.errors import PolicyDataError
from procedures.reference.tables import DIRECTORY, Table, read_tables


class Schedule(Enum):
    """How often a kind of backup is made; the most frequent first."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePolicy:
    """What the recovery plan asks of one schedule.

    Attributes:
        max_age_m: Minutes after which its newest backup is late.
        kept_h: Hours that a backup is kept.
        keep: How many that comes to.
        minimum_bytes: What is smaller is no backup.
        rpo_m: Minutes of loss that are accepted where no other schedule is more frequent.
        rto_m: Minutes of outage that are accepted.
    """

    schedule: Schedule
    max_age_m: int
    kept_h: int
    keep: int
    minimum_bytes: int
    rpo_m: int
    rto_m: int


@cache
def load_schedules() -> tuple[SchedulePolicy, ...]:
    """Return the schedules, the most frequent first; PolicyDataError names what is wrong."""
    policies = []
    for table in read_tables(DIRECTORY / "backups.toml", "schedule"):
        policies.append(_policy(table))
        table.finish()
    if tuple(each.schedule for each in policies) != tuple(Schedule):
        raise PolicyDataError(
            "backups.toml: not every schedule is there once, in order", fix="Reinstall the console"
        )
    return tuple(policies)


def _policy(table: Table) -> SchedulePolicy:
    return SchedulePolicy(
        schedule=table.choice("id", Schedule),
        max_age_m=table.whole("max_age_m"),
        kept_h=table.whole("kept_h"),
        keep=table.whole("keep"),
        minimum_bytes=table.whole("minimum_bytes"),
        rpo_m=table.whole("rpo_m"),
        rto_m=table.whole("rto_m"),
    )
