"""One backup in a list and as a page; how schedules are kept up; the recovery point."""

import math
from dataclasses import dataclass
from datetime import datetime

from procedures.backups.values import (
    Backup,
    Check,
    Outcome,
    RecoveryPoint,
    ScheduleState,
    Verification,
)
from procedures.reference.states import State
from widgets.marks import GLYPHS, age, duration, size
from widgets.strips import Line

WIDE = 110
"""Columns from which there is room for the moment, the kind and the place."""

_SIGNS = {
    Outcome.PASSED: ("✓", "ok"),
    Outcome.FAILED: ("×", "critical"),
    Outcome.INCOMPLETE: ("?", "unknown"),
}
_CHECK_SIGNS = {True: ("✓", "ok"), False: ("×", "critical"), None: ("?", "unknown")}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRow:
    """One backup and what is known of it; ``now`` gives both their ages."""

    backup: Backup
    known: Verification | None
    now: datetime


def recovery_note(recovery: RecoveryPoint, now: datetime) -> str:
    """Write how much would be lost now against how much may be: ``41m of 60m``."""
    return f"{minutes(recovery.loss(now).total_seconds())} of {minutes(recovery.rpo_s)}"


def minutes(seconds: float) -> str:
    """Write a loss: in minutes as long as anybody can picture them."""
    # What is more than may be lost must not look like as much as may be.
    whole = math.ceil(seconds / 60)
    return f"{whole}m" if whole < 1000 else duration(seconds)


def recovery_line(recovery: RecoveryPoint | None, now: datetime) -> Line:
    """Draw to what moment all could be brought back."""
    if recovery is None:
        return [(" ? no recovery point", "unknown")]
    state = recovery.state(now)
    late = "" if state is State.OK else ", more than may be lost"
    proof = "verified" if recovery.verified else "not verified"
    return [
        (f" {GLYPHS[state]} recovery point ", state.value),
        (recovery_note(recovery, now), "strong" if state is State.OK else state.value),
        (f"{late} · {recovery.at:%Y-%m-%d %H:%M} UTC, {proof}", "dim"),
    ]


def schedule_line(each: ScheduleState, now: datetime, width: int) -> Line:
    """Draw how one schedule is kept up; what has no room is not begun."""
    newest = "none" if each.newest_at is None else age(each.newest_at, now)
    aged = f"{newest:>4} of {duration(each.allowed_s):<4}"
    kept, fault = f" {each.kept} of {each.keep} kept", f"; {each.fault}" if each.fault else ""
    room = width - 11 - len(aged) - len(kept)
    return [
        (f" {GLYPHS[each.state]} ", each.state.value),
        (f"{each.schedule.value:<8}", "text"),
        (aged, "strong" if each.fault else "text"),
        (kept if room >= 0 else "", "dim"),
        (fault if room >= len(fault) else "", each.state.value),
    ]


def backup_line(row: BackupRow, width: int, at_cursor: bool) -> Line:
    """Draw one backup."""
    backup, known = row.backup, row.known
    sign, style = _SIGNS[known.outcome] if known else ("·", "dim")
    old = f"{age(backup.made_at, row.now):>4}"
    schedule = backup.schedule.value if backup.schedule else "–"
    verified = f"{known.outcome.value} {age(known.at, row.now)} ago" if known else "never verified"
    moment = f"{backup.made_at:%Y-%m-%d %H:%M}  " if width >= WIDE else ""
    more = f"{backup.kind.value:<14}{backup.place.value:<10}" if width >= WIDE else ""
    parts: list[tuple[str, str]] = [
        (f" {sign} ", style),
        (f"{moment}{old} ", "text"),
        (f"{size(backup.size_bytes):>9}  ", "text"),
        (f"{schedule:<8}", "dim"),
        (more, "dim"),
        (f"{verified:<20} ", style),
    ]
    room = width - sum(len(text) for text, _ in parts)
    path = backup.path
    parts.append((path if len(path) <= room else f"{path[: max(0, room - 1)]}…", "text"))
    if not at_cursor:
        return parts
    return [("".join(text for text, _ in parts) + " " * width, "cursor")]


def backup_page(row: BackupRow) -> list[Line]:
    """Draw everything about one backup."""
    backup, known = row.backup, row.known
    facts = (
        ("made", f"{backup.made_at:%Y-%m-%d %H:%M:%S} UTC, {age(backup.made_at, row.now)} ago"),
        ("size", f"{size(backup.size_bytes)} ({backup.size_bytes} bytes)"),
        ("holds", backup.kind.value),
        ("schedule", backup.schedule.value if backup.schedule else "none that its name tells"),
        ("place", backup.place.value),
        ("checksum", backup.checksums or "none beside it"),
    )
    page: list[Line] = [[(f" {backup.path}", "title")], []]
    page += [[(f"   {name:<10} ", "dim"), (text, "text")] for name, text in facts]
    page.append([])
    if known is None:
        page.append([(" · nobody has looked into it; v reads it through", "unknown")])
        return page
    sign, style = _SIGNS[known.outcome]
    page.append(
        [
            (f" {sign} {known.outcome.value}", style),
            (f"  {known.at:%Y-%m-%d %H:%M:%S} UTC, {age(known.at, row.now)} ago", "dim"),
        ]
    )
    page += [_check_line(check) for check in known.checks]
    return page


def progress_line(name: str, done_bytes: int, total_bytes: int, width: int) -> Line:
    """Draw how far a reading is."""
    part = min(1.0, done_bytes / total_bytes) if total_bytes else 0.0
    cells = max(8, min(40, width // 4))
    filled = round(part * cells)
    return [
        (" ", ""),
        ("█" * filled, "key"),
        ("░" * (cells - filled), "dim"),
        (f" {part:>4.0%} ", "strong"),
        (f"{size(done_bytes)} of {size(total_bytes)}  ", "text"),
        (name, "dim"),
    ]


def _check_line(check: Check) -> Line:
    sign, style = _CHECK_SIGNS[check.passed]
    return [(f"   {sign} ", style), (f"{check.name:<10} ", "text"), (check.said, "dim")]
