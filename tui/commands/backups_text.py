"""Backups as the command line tells them: for people and for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from procedures.backups.depot import Stock
from procedures.backups.judgement import Judged
from procedures.backups.streams import Effort
from procedures.backups.values import Backup, Outcome, RecoveryPoint, ScheduleState, Verification
from procedures.environment import Environment
from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.reference.states import State
from widgets.backup_line import recovery_note
from widgets.marks import GLYPHS, age, duration, size

BAR_CELLS = 20
LONGEST_NAME = 60


def list_text(stock: Stock, judged: Judged, state: State, now: datetime) -> str:
    """Return verdict, recovery point, schedules and all backups."""
    return "\n".join(_list_lines(stock, judged, state, now))


def _list_lines(stock: Stock, judged: Judged, state: State, now: datetime) -> Iterator[str]:
    yield f"{GLYPHS[state]} {state.value.upper()}  {len(stock.backups)} backups"
    yield from (f"  {clean_line(each)}" for each in (judged.fault, *stock.faults) if each)
    if judged.recovery is not None:
        yield recovery_text(judged.recovery, now)
    yield from (schedule_text(each, now) for each in judged.schedules)
    if stock.backups:
        yield ""
    for backup in stock.backups:
        yield _line(backup, stock.known.get(backup.key), now)


def recovery_text(recovery: RecoveryPoint, now: datetime) -> str:
    """Return the recovery point against what may be lost."""
    proof = "verified" if recovery.verified else "not verified"
    return (
        f"  {GLYPHS[recovery.state(now)]} recovery point {recovery_note(recovery, now)}, "
        f"{recovery.at:%Y-%m-%d %H:%M} UTC, {proof}"
    )


def schedule_text(each: ScheduleState, now: datetime) -> str:
    """Return how one schedule is kept up."""
    newest = f"{age(each.newest_at, now)} of {duration(each.allowed_s)}"
    fault = f"; {each.fault}" if each.fault else ""
    return (
        f"  {GLYPHS[each.state]} {each.schedule.value:<8} {newest:<12} "
        f"{each.kept} of {each.keep} kept{fault}"
    )


def _line(backup: Backup, known: Verification | None, now: datetime) -> str:
    schedule = backup.schedule.value if backup.schedule else "-"
    verified = "-"
    if known is not None:
        verified = f"{known.outcome.value} {age(known.at, now)} ago"
    return (
        f"{backup.made_at:%Y-%m-%d %H:%M}  {age(backup.made_at, now):>4}  "
        f"{size(backup.size_bytes):>9}  {schedule:<8}{backup.kind.value:<14}"
        f"{backup.place.value:<10} {verified:<18} {clean_line(backup.path)}"
    )


def progress_text(backup: Backup, effort: Effort) -> str:
    """Return a bar that fills; what is shown of the name leaves it room."""
    filled = round(effort.part * BAR_CELLS)
    bar = "█" * filled + "░" * (BAR_CELLS - filled)
    name = clean_line(backup.name, limit=LONGEST_NAME)
    done, total = size(effort.done_bytes), size(effort.total_bytes)
    return f"{bar} {effort.part:>4.0%}  {done} of {total}  {name}"


def verified_text(backup: Backup, result: Verification | SourceError) -> str:
    """Return what came of one verification, a line a check."""
    name = clean_line(backup.path)
    if isinstance(result, SourceError):
        return f"? {name}: {clean_line(result.what)}\n    {clean_line(result.fix)}"
    sign = {Outcome.PASSED: "✓", Outcome.FAILED: "×", Outcome.INCOMPLETE: "?"}[result.outcome]
    lines = [f"{sign} {name}: {result.outcome.value}"]
    for check in result.checks:
        mark = {True: "✓", False: "×", None: "?"}[check.passed]
        lines.append(f"    {mark} {check.name:<9}  {clean_line(check.said)}")
    return "\n".join(lines)


def verified_plain(backup: Backup, result: Verification | SourceError) -> Mapping[str, Any]:
    """Return the same for programs."""
    plain = {"path": backup.path, "place": backup.place, "made_at": backup.made_at}
    if isinstance(result, SourceError):
        return {**plain, "outcome": None, "fault": result.what, "fix": result.fix}
    return {**plain, **_verification_plain(result)}


def list_plain(
    environment: Environment, stock: Stock, judged: Judged, state: State, now: datetime
) -> Mapping[str, Any]:
    """Return everything that is known of the backups, for programs."""
    recovery = judged.recovery
    return {
        "state": state,
        "environment": environment.name,
        "at": now,
        "fault": judged.fault,
        "place_faults": list(stock.faults),
        "recovery": recovery
        and {
            **asdict(recovery),
            "state": recovery.state(now),
            "loss_s": round(recovery.loss(now).total_seconds()),
        },
        "schedules": [asdict(each) for each in judged.schedules],
        "backups": [
            {
                "path": each.path,
                "place": each.place,
                "made_at": each.made_at,
                "size_bytes": each.size_bytes,
                "kind": each.kind,
                "schedule": each.schedule,
                "verified": _verification_plain(known) if known else None,
            }
            for each in stock.backups
            for known in (stock.known.get(each.key),)
        ],
    }


def _verification_plain(verification: Verification) -> Mapping[str, Any]:
    return {
        "outcome": verification.outcome,
        "fault": verification.fault,
        "verified_at": verification.at,
        "checks": [asdict(check) for check in verification.checks],
    }
