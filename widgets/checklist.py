"""The steps of a run as a checklist: phases as headings, a sign for each step's status."""

from dataclasses import dataclass

from procedures.execution.run.run import Rollback, Run, StepRecord, StepStatus
from procedures.runbook.model import Procedure
from widgets.strips import Line

SIGNS = {
    StepStatus.PENDING: ("☐", "dim"),
    StepStatus.CONFIRMED: ("☐", "key"),
    StepStatus.RUNNING: ("▶", "key"),
    StepStatus.PASSED: ("✓", "ok"),
    StepStatus.FAILED: ("×", "critical"),
    StepStatus.IN_DOUBT: ("?", "unknown"),
    StepStatus.SKIPPED: ("»", "warning"),
    StepStatus.UNDONE: ("←", "warning"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistRow:
    """A phase heading (``step`` is empty) or a step.

    Attributes:
        runs_behind: Its command runs in the background.
    """

    title: str
    step: str = ""
    status: StepStatus = StepStatus.PENDING
    current: bool = False
    number: int = 0
    runs_behind: bool = False


def checklist_rows(procedure: Procedure, run: Run | None) -> tuple[ChecklistRow, ...]:
    """Return the rows of a document, with the statuses of ``run`` and its ways back, if any."""
    records = {record.id: record for record in run.steps} if run else {}
    current = run.current.id if run and run.current and run.is_open else ""
    rows: list[ChecklistRow] = []
    number = 0
    for phase in procedure.phases:
        rows.append(ChecklistRow(title=phase.title))
        for step in phase.steps:
            number += 1
            record = records.get(step.id) or StepRecord(id=step.id)
            rows.append(_step_row(record, step.title, number, current))
    for back in run.rollbacks if run else ():
        rows += _rows_back(back, current)
    return tuple(rows)


def _rows_back(back: Rollback, current: str) -> list[ChecklistRow]:
    rows = [ChecklistRow(title=f"Way back: {back.reason}")]
    rows += [_step_row(step, step.title, n, current) for n, step in enumerate(back.steps, start=1)]
    return rows


def _step_row(record: StepRecord, title: str, number: int, current: str) -> ChecklistRow:
    return ChecklistRow(
        title=title,
        step=record.id,
        status=record.status,
        current=record.id == current,
        number=number,
        runs_behind=record.runs_behind,
    )


def checklist_line(row: ChecklistRow, width: int, at_cursor: bool) -> Line:
    """Draw one row; the step that is next is marked by an arrow."""
    if not row.step:
        return [(f" {row.title}", "title")]
    sign, style = SIGNS[row.status]
    if row.runs_behind:
        sign, style = "&", "key"
    mark = "›" if row.current else " "
    if at_cursor:
        return [(f"{mark}{sign} {row.number}. {row.title}" + " " * width, "cursor")]
    return [
        (mark, "key"),
        (f"{sign} ", style),
        (f"{row.number}. {row.title}", "strong" if row.current else "text"),
    ]
