"""One run in a list: how it ended, when it began, what of it stands."""

from procedures.execution.run.run import Run, RunOutcome
from widgets.run_note import effects_note
from widgets.strips import Line

_SIGNS = {
    RunOutcome.OPEN: ("▶", "key"),
    RunOutcome.COMPLETED: ("✓", "ok"),
    RunOutcome.ABORTED: ("×", "critical"),
    RunOutcome.ROLLED_BACK: ("←", "warning"),
}


def run_line(run: Run, width: int, at_cursor: bool) -> Line:
    """Draw one run."""
    sign, style = _SIGNS[run.outcome]
    began = f"{run.started_at:%Y-%m-%d %H:%M}"
    note = effects_note(run) if run.outcome is not RunOutcome.COMPLETED else ""
    if at_cursor:
        text = f" {sign} {began} {run.outcome.value:<11} {run.title} · {run.operator} {note}"
        return [(text + " " * width, "cursor")]
    return [
        (f" {sign} ", style),
        (f"{began} ", "dim"),
        (f"{run.outcome.value:<11} ", style),
        (run.title, "text"),
        (f" · {run.operator} ", "dim"),
        (note, "warning"),
    ]
