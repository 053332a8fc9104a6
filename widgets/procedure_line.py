"""One document, unfinished run or group heading as one line of a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procedures.execution.run.run import Run
from widgets.marks import counted, duration
from widgets.strips import Line, Span

if TYPE_CHECKING:
    from procedures.library.entry import Entry

LEVEL_STYLES = {"read": "ok", "change": "warning", "destructive": "critical"}
OTHER = "other"
"""Name of the group of those that belong to none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow:
    """A row of the list: a document, an unfinished run, or the heading of a group."""

    entry: "Entry | None" = None
    run: Run | None = None
    group: str = ""
    size: int = 0
    folded: bool = False


def entry_line(entry: "Entry", width: int, at_cursor: bool) -> Line:
    """Draw level, title, expected duration and summary of a document."""
    title_width = max(28, min(56, width * 2 // 5))
    line: Line = [
        *_mark(entry),
        (f"{entry.title[:title_width]:<{title_width}} ", "strong"),
        (f"{duration(entry.duration_s) if entry.duration_s else '':>4}  ", "dim"),
        (entry.summary, "text"),
    ]
    if entry.kind.value == "broken":
        place = f"{entry.path.parent.name}/{entry.path.name}"
        problem = entry.problem.replace(str(entry.path), place)
        line = [(" × broken      ", "critical"), (problem, "text")]
    return _lit(line, width) if at_cursor else line


def _mark(entry: "Entry") -> Iterable[Span]:
    match entry.kind.value:
        case "page":
            yield " page        ", "key"
        case "unread":
            yield " …           ", "dim"
        case _:
            yield f" {entry.level.value:<11}", LEVEL_STYLES[entry.level.value]
            yield ("~" if entry.notes else " "), "warning"


def procedure_row_line(row: ProcedureRow, width: int, at_cursor: bool) -> Line:
    """Draw one row of the list."""
    if row.entry is not None:
        return entry_line(row.entry, width, at_cursor)
    line: Line
    if row.run is not None:
        current = row.run.current
        number = sum(step.is_over for step in row.run.steps) + 1
        where = f"step {number}/{len(row.run.steps)} {current.title}" if current else "at its end"
        line = [
            (" ▶ unfinished ", "key"),
            (f"{row.run.title[:34]:<34} ", "strong"),
            (f"{where} · since {row.run.started_at:%d %b %H:%M} UTC · {row.run.operator}", "text"),
        ]
    else:
        sign = "▶" if row.folded else "▼"
        line = [(f" {sign} ", "key"), (row.group, "title"), (f"  {row.size}", "dim")]
    return _lit(line, width) if at_cursor else line


def _lit(line: Line, width: int) -> Line:
    return [*((text, "cursor") for text, _ in line), (" " * width, "cursor")]


def grouped(
    groups: Sequence[tuple[str, Sequence["Entry"]]], folded: frozenset[str]
) -> list[ProcedureRow]:
    """Return a heading and the entries of each group; a folded group shows its heading only."""
    rows: list[ProcedureRow] = []
    for name, entries in groups:
        is_folded = name in folded
        rows.append(ProcedureRow(group=name, size=len(entries), folded=is_folded))
        if not is_folded:
            rows += [ProcedureRow(entry=entry) for entry in entries]
    return rows


def found_note(shown: int, unread: int) -> str:
    """Say how many documents there are, and how many have yet to be read."""
    note = counted(shown, "document")
    return f"{note} · reading {unread} more" if unread else note
