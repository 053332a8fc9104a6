"""A run as text and for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from procedures.execution.cleaning import clean_line
from procedures.execution.record.console_names import where
from procedures.execution.record.consoles import has_ended
from procedures.execution.record.run_list import Listed
from procedures.execution.run.effects import effects_of
from procedures.execution.run.run import Approval, Run, StepRecord


def list_text(listed: Sequence[Listed]) -> str:
    """Return one line a run."""
    width = max((len(each.id) for each in listed), default=0)
    return "\n".join(_row(each, width) for each in listed)


def run_text(run: Run, folder: Path) -> str:
    """Return everything that is known of a run."""
    place = f"{run.environment} ({run.method.value})"
    lines = [
        f"{run.id}: {run.title}",
        f"  {'where':<10} {place}",
        f"  {'begun':<10} {_at(run.started_at)} by {run.operator}",
        f"  {'state':<10} {state_of(run)}",
        f"  {'files':<10} {folder}",
        *(f"  {'input':<10} {name}={value}" for name, value in run.inputs.items()),
    ]
    if run.rolls_back:
        lines.append(f"  {'takes back':<10} {run.rolls_back}")
    if run.undone_by:
        lines.append(f"  {'taken back':<10} by {run.undone_by}")
    lines += ["", "steps", *_steps(run.steps)]
    for back in run.rollbacks:
        lines += ["", f"way back: {back.reason}", *_steps(back.steps)]
    effects = [
        f"  {each.standing.value:<10} {each.step_id} ({each.level.value}): {each.title}"
        for each in effects_of(run)
    ]
    lines += ["", "effects", *(effects or ["  none"])]
    if run.notes:
        lines += ["", "notes", *_notes(run)]
    return "\n".join(clean_line(line, limit=1000) for line in lines)


def state_of(run: Run) -> str:
    """Return where the run stands, and who drives it."""
    if not run.is_open:
        ended = f" {_at(run.ended_at)}" if run.ended_at else ""
        return f"{run.outcome.value}{ended}{f': {run.reason}' if run.reason else ''}"
    driven = f"driven by {run.driver.operator}{_console(run.driver.console)}"
    if run.pause:
        return f"paused by {run.pause.operator}: {run.pause.reason}; {driven}"
    if run.current is None:
        return f"open, commands run behind; {driven}"
    return f"open at {run.current.id} ({run.current.status.value}); {driven}"


def _console(console: str) -> str:
    if not console:
        return ", not taken up yet"
    return ", whose console has ended" if has_ended(console) else f" from {where(console)}"


def run_plain(run: Run, folder: Path) -> dict[str, Any]:
    """Return the run for programs; times are ISO 8601, and what is not known is null."""
    return {
        "id": run.id,
        "procedure": run.procedure_id,
        "title": run.title,
        "environment": run.environment,
        "method": run.method.value,
        "operator": run.operator,
        "outcome": run.outcome.value,
        "reason": run.reason,
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "driver": {"operator": run.driver.operator, "console": run.driver.console},
        "pause": run.pause
        and {
            "reason": run.pause.reason,
            "operator": run.pause.operator,
            "at": _iso(run.pause.at),
        },
        "inputs": dict(run.inputs),
        "current": run.current.id if run.is_open and run.current else None,
        "rolls_back": run.rolls_back,
        "undone_by": run.undone_by,
        "folder": str(folder),
        "steps": [_plain_step(step) for step in run.steps],
        "rollbacks": [
            {
                "reason": back.reason,
                "goes_on": back.goes_on,
                "is_over": back.is_over,
                "steps": [_plain_step(step) for step in back.steps],
            }
            for back in run.rollbacks
        ],
        "effects": [
            {
                "step": each.step_id,
                "level": each.level.value,
                "standing": each.standing.value,
            }
            for each in effects_of(run)
        ],
        "notes": [
            {
                "text": note.text,
                "operator": note.operator,
                "at": _iso(note.at),
                "step": note.step,
                "evidence": note.evidence,
            }
            for note in run.notes
        ],
    }


def listed_plain(listed: Listed) -> dict[str, Any]:
    """Return one row of a list for programs."""
    run = listed.run
    if run is None:
        return {"id": listed.id, "problem": listed.problem}
    return {
        "id": run.id,
        "procedure": run.procedure_id,
        "environment": run.environment,
        "operator": run.operator,
        "driver": run.driver.operator,
        "outcome": run.outcome.value,
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "current": run.current.id if run.is_open and run.current else None,
        "status": run.current.status.value if run.is_open and run.current else None,
    }


def _row(listed: Listed, width: int) -> str:
    run = listed.run
    if run is None:
        return clean_line(f"{listed.id:<{width}}  unreadable: {listed.problem}")
    return clean_line(f"{run.id:<{width}}  {run.environment:<12}  {state_of(run)}", limit=400)


def _steps(steps: Sequence[StepRecord]) -> Iterator[str]:
    for step in steps:
        facts = [
            f"exit {step.exit_code}" if step.exit_code is not None else "",
            f"attempt {step.attempt}" if step.attempt > 1 else "",
            _at(step.ended_at) if step.ended_at else "",
            step.reason,
            f"note: {step.note}" if step.note else "",
            approval_text(step.approval) if step.approval else "",
        ]
        about = "; ".join(filter(None, facts))
        yield f"  {step.status.value:<10} {step.id}: {step.title}{f' ({about})' if about else ''}"


def approval_text(approval: Approval) -> str:
    """Return what a second person was asked and said."""
    if approval.granted_by:
        return f"approved by {approval.granted_by}"
    if approval.refused_by:
        return f"refused by {approval.refused_by}: {approval.reason}"
    return f"approval asked by {approval.asked_by}, until {_at(approval.expires_at)}"


def _notes(run: Run) -> Iterator[str]:
    for note in run.notes:
        about = f" on {note.step}" if note.step else ""
        kept = f" [{note.evidence}]" if note.evidence else ""
        yield f"  {_at(note.at)} {note.operator}{about}: {note.text}{kept}"


def _plain_step(step: StepRecord) -> dict[str, Any]:
    approval = step.approval
    return {
        "id": step.id,
        "title": step.title,
        "status": step.status.value,
        "level": step.level.value if step.level else None,
        "attempt": step.attempt,
        "started_at": _iso(step.started_at),
        "ended_at": _iso(step.ended_at),
        "exit_code": step.exit_code,
        "reason": step.reason,
        "note": step.note,
        "folder": step.folder,
        "undoes": step.undoes,
        "approval": approval
        and {
            "asked_by": approval.asked_by,
            "expires_at": _iso(approval.expires_at),
            "granted_by": approval.granted_by,
            "refused_by": approval.refused_by,
            "reason": approval.reason,
        },
    }


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
