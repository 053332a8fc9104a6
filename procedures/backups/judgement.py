"""How the backups that were found stand against what is expected of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from procedures.backups.plan import Expected, Plan
from procedures.backups.values import (
    Backup,
    LastVerified,
    Outcome,
    RecoveryPoint,
    ScheduleState,
    Verification,
)
from procedures.reference.backups import Schedule
from procedures.reference.states import State

Verifications = Mapping[str, Verification]
"""What is known of backups that were looked into, by their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the backups come to.

    Attributes:
        newest: The newest that holds data; None when there is none.
        schedules: Those that are expected or found, the most frequent first.
        recovery: None when nothing could be brought back.
        fault: What is wrong with the newest.
    """

    state: State
    newest: Backup | None
    schedules: tuple[ScheduleState, ...]
    recovery: RecoveryPoint | None
    last: LastVerified | None
    fault: str = ""


def judge(backups: Sequence[Backup], known: Verifications, plan: Plan, now: datetime) -> Judged:
    """Return how ``backups`` stand at ``now``."""
    holding = [each for each in backups if each.kind.restores_data]
    newest = max(holding, key=_age_and_path, default=None)
    schedules = _schedules(holding, plan, now)
    recovery = _recovery(holding, known, plan, schedules)
    fault = _fault(newest, known, plan, now)
    concerns = [State.CRITICAL if fault else State.OK, *(each.state for each in schedules)]
    if recovery is not None and recovery.demanded:
        concerns.append(recovery.state(now))
    return Judged(
        state=max(concerns, key=lambda state: state.concern),
        newest=newest,
        schedules=schedules,
        recovery=recovery,
        last=_last(backups, known),
        fault=fault,
    )


def is_damaged(backup: Backup, known: Verifications) -> bool:
    """Tell whether a backup was found to be damaged."""
    verification = known.get(backup.key)
    return verification is not None and verification.outcome is Outcome.FAILED


def is_verified(backup: Backup, known: Verifications) -> bool:
    """Tell whether a backup was read through and found whole."""
    verification = known.get(backup.key)
    return verification is not None and verification.outcome is Outcome.PASSED


def newest_of_each(backups: Sequence[Backup]) -> tuple[Backup, ...]:
    """Return the newest backup of each place, kind and schedule, the newest first."""
    newest: dict[tuple[object, ...], Backup] = {}
    for each in sorted(backups, key=_age_and_path):
        newest[each.place, each.kind, each.schedule] = each
    return tuple(sorted(newest.values(), key=_age_and_path, reverse=True))


def _age_and_path(backup: Backup) -> tuple[datetime, str]:
    # Of two that were made in the same moment it is always the same one that counts.
    return backup.made_at, backup.path


def _fault(newest: Backup | None, known: Verifications, plan: Plan, now: datetime) -> str:
    if newest is None:
        return "there is no backup"
    if not newest.size_bytes:
        return "the newest backup is empty"
    least = plan.minimum_bytes
    if newest.schedule is not None:
        least = max(least, plan.schedules[newest.schedule].minimum_bytes)
    if newest.size_bytes < least:
        return f"the newest backup has {newest.size_bytes} bytes; {least:.0f} are the least"
    if is_damaged(newest, known):
        return "the newest backup is damaged"
    age_s = (now - newest.made_at).total_seconds()
    if age_s > plan.max_age_s:
        hours, limit = age_s / 3600, plan.max_age_s / 3600
        return f"the newest backup is {hours:.1f} h old; {limit:g} h are allowed"
    return ""


def _schedules(holding: Sequence[Backup], plan: Plan, now: datetime) -> tuple[ScheduleState, ...]:
    states = []
    for schedule, expected in plan.schedules.items():
        of_it = [each for each in holding if each.schedule is schedule]
        if of_it or expected.demanded:
            states.append(_schedule(schedule, of_it, expected, now))
    return tuple(states)


def _schedule(
    schedule: Schedule, backups: Sequence[Backup], expected: Expected, now: datetime
) -> ScheduleState:
    newest = max(backups, key=_age_and_path, default=None)
    fault = ""
    if newest is None:
        fault = f"there is no {schedule.value} backup"
    elif newest.size_bytes < expected.minimum_bytes:
        fault = f"the newest {schedule.value} backup is too small"
    elif (now - newest.made_at).total_seconds() > expected.max_age_s:
        fault = f"the {schedule.value} backup is late"
    bad = State.CRITICAL if expected.demanded else State.WARNING
    return ScheduleState(
        schedule=schedule,
        state=bad if fault else State.OK,
        allowed_s=expected.max_age_s,
        kept=len(backups),
        keep=expected.keep,
        newest=newest.path if newest else "",
        newest_at=newest.made_at if newest else None,
        expected=expected.demanded,
        fault=fault,
    )


def _recovery(
    holding: Sequence[Backup],
    known: Verifications,
    plan: Plan,
    schedules: Sequence[ScheduleState],
) -> RecoveryPoint | None:
    usable = [
        each
        for each in holding
        if each.size_bytes >= max(1.0, plan.minimum_bytes) and not is_damaged(each, known)
    ]
    newest = max(usable, key=_age_and_path, default=None)
    if newest is None:
        return None
    accepted = [plan.schedules[each.schedule].rpo_s for each in schedules]
    # Without a schedule all that is asked is that the newest backup is not too old.
    planned_s = accepted[0] if accepted else plan.max_age_s
    return RecoveryPoint(
        at=newest.made_at,
        path=newest.path,
        verified=is_verified(newest, known),
        rpo_s=planned_s if plan.rpo_s is None else plan.rpo_s,
        demanded=plan.rpo_s is not None,
    )


def _last(backups: Sequence[Backup], known: Verifications) -> LastVerified | None:
    looked_into = [(known[each.key], each) for each in backups if each.key in known]
    if not looked_into:
        return None
    verification, backup = max(looked_into, key=lambda pair: pair[0].at)
    return LastVerified(
        path=backup.path,
        at=verification.at,
        outcome=verification.outcome,
        made_at=backup.made_at,
    )
