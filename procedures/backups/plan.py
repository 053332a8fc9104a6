"""What is expected of an environment's backups: the recovery plan, as the settings change it."""

from collections.abc import Mapping
from dataclasses import dataclass

from procedures.backups.settings import BackupSettings, ScheduleLimits
from procedures.environment import Environment
from procedures.reference.backups import Schedule, SchedulePolicy, load_schedules


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of one schedule.

    Attributes:
        max_age_s: Seconds after which its newest backup is late.
        demanded: Whether the settings ask for it.
        rpo_s: Loss that is accepted where no other schedule is more frequent.
    """

    max_age_s: float
    keep: int
    minimum_bytes: float
    rpo_s: float
    demanded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is expected of all backups together.

    Attributes:
        max_age_s: Seconds after which the newest of all backups is too old.
        rpo_s: Loss that the settings accept; None leaves it to the schedules.
    """

    max_age_s: float
    minimum_bytes: float
    rpo_s: float | None
    schedules: Mapping[Schedule, Expected]


def plan_of(environment: Environment) -> Plan:
    """Return what is expected in ``environment``."""
    max_age_s = environment.backup_max_age_h * 3600
    settings = environment.backups
    return Plan(
        max_age_s=max_age_s,
        minimum_bytes=settings.minimum_bytes,
        rpo_s=settings.rpo_s,
        schedules={
            policy.schedule: _expected(policy, settings, max_age_s) for policy in load_schedules()
        },
    )


def _expected(policy: SchedulePolicy, settings: BackupSettings, max_age_s: float) -> Expected:
    limits = settings.schedules.get(policy.schedule, ScheduleLimits())
    usual_s = policy.max_age_m * 60.0
    if policy.schedule is Schedule.DAILY:
        # Whoever lets the newest backup be two days old means the daily ones.
        usual_s = max(usual_s, max_age_s)
    return Expected(
        max_age_s=usual_s if limits.max_age_s is None else limits.max_age_s,
        keep=policy.keep if limits.keep is None else limits.keep,
        minimum_bytes=max(
            settings.minimum_bytes,
            policy.minimum_bytes if limits.minimum_bytes is None else limits.minimum_bytes,
        ),
        rpo_s=policy.rpo_m * 60.0,
        demanded=policy.schedule in settings.schedules,
    )
