"""The steps of a run as a checklist: phases as headings, a sign for each step's status."""

from dataclasses import dataclass

from procedures.execution.run import Run, StepStatus
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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistRow:
    """A phase heading (``step`` is empty) or a step."""

    title: str
    step: str = ""
    status: StepStatus = StepStatus.PENDING
    current: bool = False
    number: int = 0


def checklist_rows(procedure: Procedure, run: Run | None) -> tuple[ChecklistRow, ...]:
    """Return the rows of a document, with the statuses of ``run`` where there is one."""
    records = {record.id: record for record in run.steps} if run else {}
    current = run.current.id if run and run.current else ""
    rows: list[ChecklistRow] = []
    number = 0
    for phase in procedure.phases:
        rows.append(ChecklistRow(title=phase.title))
        for step in phase.steps:
            number += 1
            record = records.get(step.id)
            rows.append(
                ChecklistRow(
                    title=step.title,
                    step=step.id,
                    status=record.status if record else StepStatus.PENDING,
                    current=step.id == current,
                    number=number,
                )
            )
    return tuple(rows)


def checklist_line(row: ChecklistRow, width: int, at_cursor: bool) -> Line:
    """Draw one row; the step that is next is marked by an arrow."""
    if not row.step:
        return [(f" {row.title}", "title")]
    sign, style = SIGNS[row.status]
    mark = "›" if row.current else " "
    if at_cursor:
        return [(f"{mark}{sign} {row.number}. {row.title}" + " " * width, "cursor")]
    return [
        (mark, "key"),
        (f"{sign} ", style),
        (f"{row.number}. {row.title}", "strong" if row.current else "text"),
    ]
