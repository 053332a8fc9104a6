"""What happened, one line each, for the list of what changed recently."""

from dataclasses import dataclass
from datetime import datetime

from procedures.execution.cleaning import clean_line
from procedures.targets.changes import Change
from widgets.marks import GLYPHS, age
from widgets.strips import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change and its age as it will be written, so that equal rows need no repaint."""

    change: Change
    age: str


def change_rows(changes: tuple[Change, ...], now: datetime) -> tuple[ChangeRow, ...]:
    """Return the rows of the list."""
    return tuple(ChangeRow(change=each, age=age(each.at, now)) for each in changes)


def change_line(row: ChangeRow, width: int, at_cursor: bool) -> Line:
    """Draw when, what sort, to what, and what happened."""
    change = row.change
    subject_width = 26 if width < 110 else 44
    times = f" ×{change.times}" if change.times > 1 else ""
    line: Line = [
        (f" {GLYPHS[change.state]} ", change.state.value),
        (f"{change.at:%m-%d %H:%M:%S} ", "dim"),
        (f"{row.age:>4} ", "dim"),
        (f"{change.kind.value:<14}", change.state.value),
        (f"{_both_ends(clean_line(change.subject), subject_width):<{subject_width}} ", "strong"),
        (clean_line(change.text) + times, "text"),
    ]
    return [*((t, "cursor") for t, _ in line), (" " * width, "cursor")] if at_cursor else line


def _both_ends(subject: str, room: int) -> str:
    """Cut a name in its middle: units differ at the end, and runs at the beginning."""
    if len(subject) <= room:
        return subject
    end = (room - 1) // 2
    return f"{subject[: room - 1 - end]}…{subject[-end:]}"


def change_page(change: Change) -> list[Line]:
    """Return everything that is known of a change."""
    lines: list[Line] = [
        [
            (f" {GLYPHS[change.state]} {change.kind.value} ", change.state.value),
            (clean_line(change.subject), "strong"),
        ],
        [(f" {clean_line(change.text, limit=2000)}", "text")],
        _fact("at", f"{change.at:%Y-%m-%d %H:%M:%S} UTC"),
    ]
    if change.since is not None and change.times > 1:
        lines.append(_fact("times", f"{change.times}, since {change.since:%m-%d %H:%M:%S} UTC"))
    lines.append(_fact("told by", change.source))
    return lines


def _fact(name: str, value: str) -> Line:
    return [(f"  {name:<8} ", "dim"), (clean_line(value), "text")]
