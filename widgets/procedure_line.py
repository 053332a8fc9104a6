"""One procedure as one line of a list, and its document as lines of a page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procedures.execution.run import Run
from procedures.reference.levels import highest
from procedures.runbook.model import Procedure
from widgets.marks import duration
from widgets.strips import Line

if TYPE_CHECKING:
    from procedures.runbook.catalogue import Broken

LEVEL_STYLES = {"read": "ok", "change": "warning", "destructive": "critical"}


def procedure_line(procedure: Procedure, width: int, at_cursor: bool) -> Line:
    """Draw level, title, theme, expected duration and summary."""
    level = highest(*(c.level for s in procedure.steps for c in s.commands)).value
    takes = duration(procedure.duration.total_seconds()) if procedure.duration else ""
    title_width = 34 if width >= 78 else 26
    line: Line = [
        (f" {level:<11} ", LEVEL_STYLES[level]),
        (f"{procedure.title[:title_width]:<{title_width}} ", "strong"),
        (f"{takes:>4}  ", "dim"),
        (procedure.summary, "text"),
    ]
    return [(text, "cursor") for text, _ in line] + [(" " * width, "cursor")] if at_cursor else line


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow:
    """A row of the list: a document, an unfinished run, or a document that cannot be used."""

    procedure: Procedure | None = None
    run: Run | None = None
    broken: "Broken | None" = None


def procedure_row_line(row: ProcedureRow, width: int, at_cursor: bool) -> Line:
    """Draw one row of the list."""
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
    elif row.broken is not None:
        line = [(" × broken     ", "critical"), (row.broken.error.what, "text")]
    elif row.procedure is not None:
        return procedure_line(row.procedure, width, at_cursor)
    else:
        line = []
    return [(text, "cursor") for text, _ in line] + [(" " * width, "cursor")] if at_cursor else line
