"""A run as a page: who walks it, what it did that still stands, its ways back, notes."""

from collections.abc import Collection, Iterable
from datetime import datetime

from procedures.execution.record.console_names import where
from procedures.execution.run.effects import Standing, effects_of
from procedures.execution.run.run import Run, StepStatus
from widgets.procedure_line import LEVEL_STYLES
from widgets.strips import Line

_STANDING = {
    Standing.STANDS: ("●", "warning"),
    Standing.MAY_STAND: ("?", "unknown"),
    Standing.UNDONE: ("←", "ok"),
}


def run_page(run: Run, *, no_undo: Collection[str] = ()) -> list[Line]:
    """Return everything that concerns the run as a whole.

    Args:
        run: What the ledger says of it.
        no_undo: Ids of steps for which no undo command is written.
    """
    lines: list[Line] = [
        [(f" {run.title}", "title"), (f"  {run.outcome.value}", "key")],
        *_facts(run),
        [],
        [(" What it did", "strong")],
        *_effect_lines(run, no_undo),
    ]
    if run.rollbacks:
        lines += [[], [(" Ways back", "strong")], *_rollback_lines(run)]
    skipped = [step for step in run.steps if step.status is StepStatus.SKIPPED]
    if skipped:
        lines += [[], [(" Skipped", "strong")]]
        lines += [[(f"   » {s.title}  ", "text"), (s.reason, "dim")] for s in skipped]
    if run.notes:
        lines += [[], [(" Notes", "strong")], *_note_lines(run)]
    return lines


def _facts(run: Run) -> Iterable[Line]:
    driver = run.driver
    at_console = f" at {where(driver.console)}" if driver.console else ", who has not taken it up"
    facts = [
        ("run", run.id),
        ("where", f"{run.environment} ({run.method.value})"),
        ("begun", f"{_moment(run.started_at)} by {run.operator}"),
        ("driven", f"by {driver.operator}{at_console}" if run.is_open else ""),
        ("paused", f"by {run.pause.operator}: {run.pause.reason}" if run.pause else ""),
        ("ended", f"{_moment(run.ended_at)} {run.reason}" if run.ended_at else ""),
        ("undoes", f"run {run.rolls_back}" if run.rolls_back else ""),
        ("undone by", f"run {run.undone_by}" if run.undone_by else ""),
        ("document", f"{run.procedure_id} {run.digest[:12]}"),
        *((name, value) for name, value in sorted(run.inputs.items())),
    ]
    return [[(f"   {name:<10}", "dim"), (text, "text")] for name, text in facts if text]


def _effect_lines(run: Run, no_undo: Collection[str]) -> Iterable[Line]:
    effects = effects_of(run)
    if not effects:
        yield [("   nothing that would have to be undone", "dim")]
    for effect in effects:
        sign, style = _STANDING[effect.standing]
        line: Line = [
            (f"   {sign} {effect.standing.value:<10} ", style),
            (f"{effect.level.value:<12} ", LEVEL_STYLES[effect.level.value]),
            (effect.title, "text"),
        ]
        if effect.standing is not Standing.UNDONE and effect.step_id in no_undo:
            line = [*line, ("  no undo is written", "warning")]
        yield line


def _rollback_lines(run: Run) -> Iterable[Line]:
    for back in run.rollbacks:
        state = "ended" if back.is_over else "on its way"
        yield [(f"   {back.reason}", "text"), (f"  {state}", "dim")]
        for step in back.steps:
            yield [(f"     {step.status.value:<10} ", "dim"), (step.title, "text")]


def _note_lines(run: Run) -> Iterable[Line]:
    for note in run.notes:
        about = f" on {note.step}" if note.step else ""
        yield [(f"   {_moment(note.at)} {note.operator}{about}: ", "dim"), (note.text, "text")]
        if note.evidence:
            yield [("     evidence ", "dim"), (f"{note.evidence} sha256 {note.sha256}", "code")]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
