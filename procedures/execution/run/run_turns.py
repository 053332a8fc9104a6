"""The turns of a run as a whole: who drives it, its pauses, its ways back, its end."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from procedures.errors import RunError
from procedures.execution.run import step_turns
from procedures.execution.run.bodies import flag, read_outline, word
from procedures.execution.run.run import (
    Driver,
    Note,
    Pause,
    Rollback,
    Run,
    RunOutcome,
    StepRecord,
    StepStatus,
)
from procedures.ledger.event import Event

Turn = Callable[[Run, Event], Run]


def require_open(run: Run) -> None:
    """Raise RunError if the run has ended."""
    if run.outcome is not RunOutcome.OPEN:
        raise RunError(f"run {run.id} is {run.outcome.value}", fix="Start a new run")


def require_going_on(run: Run) -> None:
    """Raise RunError if the run is paused."""
    if run.pause:
        raise RunError(f"run {run.id} is paused: {run.pause.reason}", fix="Resume it first")


def _noted(run: Run, event: Event) -> Run:
    body = event.body
    note = Note(
        text=word(body, "text"),
        operator=event.operator,
        at=event.at,
        step=word(body, "step", ""),
        evidence=word(body, "evidence", ""),
        sha256=word(body, "sha256", ""),
    )
    return replace(run, notes=(*run.notes, note))


def _paused(run: Run, event: Event) -> Run:
    require_open(run)
    require_going_on(run)
    pause = Pause(reason=word(event.body, "reason"), operator=event.operator, at=event.at)
    return replace(_unconfirmed(run), pause=pause)


def _resumed(run: Run, _: Event) -> Run:
    require_open(run)
    if not run.pause:
        raise RunError(f"run {run.id} is not paused")
    return replace(run, pause=None)


def _handed_over(run: Run, event: Event) -> Run:
    require_open(run)
    driver = Driver(operator=word(event.body, "to"))
    return replace(_in_hands_of(driver.operator, run), driver=driver)


def _taken(run: Run, event: Event) -> Run:
    driver = Driver(operator=event.operator, console=word(event.body, "console"))
    return replace(_in_hands_of(driver.operator, run), driver=driver)


def _completed(run: Run, event: Event) -> Run:
    require_open(run)
    require_going_on(run)
    if run.current:
        raise RunError(f"step {run.current.id} is still to do", fix="Do or skip it first")
    _require_none_behind(run)
    back = run.rolling_back
    if back is None:
        return replace(run, outcome=RunOutcome.COMPLETED, ended_at=event.at)
    if back.goes_on:
        raise RunError(f"run {run.id} goes on after its way back")
    closed = _with_rollback(run, replace(back, is_over=True))
    return replace(closed, outcome=RunOutcome.ROLLED_BACK, ended_at=event.at, reason=back.reason)


def _aborted(run: Run, event: Event) -> Run:
    require_open(run)
    if run.current and run.current.command_runs:
        raise RunError(
            f"the command of step {run.current.id} still runs", fix="Cancel it, then abort the run"
        )
    _require_none_behind(run)
    if back := run.rolling_back:
        run = _with_rollback(run, replace(back, is_over=True))
    return replace(
        run,
        outcome=RunOutcome.ABORTED,
        ended_at=event.at,
        reason=word(event.body, "reason"),
        pause=None,
    )


def _rollback_begun(run: Run, event: Event) -> Run:
    if run.rolling_back:
        raise RunError(f"run {run.id} is on its way back already")
    if run.current and run.current.command_runs:
        raise RunError(
            f"the command of step {run.current.id} still runs", fix="Cancel it, then go back"
        )
    steps = tuple(read_outline(step) for step in event.body["steps"])
    _require_undoing(run, steps)
    back = Rollback(
        reason=word(event.body, "reason"), steps=steps, goes_on=flag(event.body, "goes_on")
    )
    return replace(
        _unconfirmed(run),
        outcome=RunOutcome.OPEN,
        ended_at=None,
        pause=None,
        rollbacks=(*run.rollbacks, back),
    )


def _require_undoing(run: Run, steps: tuple[StepRecord, ...]) -> None:
    """Raise RunError unless each of ``steps`` is a new one and undoes one of the document's."""
    undone = [step for step in run.steps if step.id in {each.undoes for each in steps}]
    known = {step.id for step in undone}
    taken = {step.id for step in run.all_steps}
    wrong = [step.id for step in steps if step.undoes not in known or step.id in taken]
    if wrong or not steps or len({step.id for step in steps}) < len(steps):
        raise RunError(f"a way back of run {run.id} has no usable steps: {wrong}")
    if behind := [step.id for step in undone if step.runs_behind]:
        raise RunError(
            f"commands still run in the background: {', '.join(behind)}",
            fix="Stop them, or wait for their end, then go back",
        )


def _rollback_ended(run: Run, _: Event) -> Run:
    require_open(run)
    require_going_on(run)
    _require_none_behind(run)
    back = run.rolling_back
    if back is None or run.current or not back.goes_on:
        raise RunError(f"no way back of run {run.id} has come to its end")
    again = tuple(step.afresh() if step.status is StepStatus.UNDONE else step for step in run.steps)
    return replace(_with_rollback(run, replace(back, is_over=True)), steps=again)


def _undone(run: Run, event: Event) -> Run:
    return replace(run, undone_by=word(event.body, "by"), undone_at=event.at)


def _ended_behind(run: Run, event: Event) -> Run:
    step = run.step(word(event.body, "step"))
    if step is None:
        raise RunError(f"run {run.id} has no step {event.body['step']}")
    return with_step(run, step_turns.ended_behind(step, event))


def with_step(run: Run, changed: StepRecord) -> Run:
    """Return ``run`` with ``changed`` in the place of the step of that id.

    A step whose undo commands have all passed is undone.
    """
    if not changed.undoes:
        return replace(run, steps=_replaced(run.steps, changed))
    back = run.rollbacks[-1]
    back = replace(back, steps=_replaced(back.steps, changed))
    run = _with_rollback(run, back)
    parts = [step for step in back.steps if step.undoes == changed.undoes]
    if not parts or any(part.status is not StepStatus.PASSED for part in parts):
        return run
    steps = tuple(
        replace(step, status=StepStatus.UNDONE) if step.id == changed.undoes else step
        for step in run.steps
    )
    return replace(run, steps=steps)


def _unconfirmed(run: Run) -> Run:
    """Return ``run`` without a confirmation that nobody has used: who goes on gives their own."""
    return with_step(run, step_turns.unconfirmed(run.current)) if run.current else run


def _in_hands_of(operator: str, run: Run) -> Run:
    """Return ``run`` without what only its former driver may use: a confirmation, an approval.

    Else a second person could approve what another asked for, take the run over, and be alone.
    """
    for step in dict.fromkeys((*run.steps, *run.path)):
        if not step.is_over and step.approval and step.approval.asked_by != operator:
            run = with_step(run, replace(step, approval=None))
    return _unconfirmed(run)


def _replaced(steps: tuple[StepRecord, ...], changed: StepRecord) -> tuple[StepRecord, ...]:
    return tuple(changed if step.id == changed.id else step for step in steps)


def _with_rollback(run: Run, back: Rollback) -> Run:
    return replace(run, rollbacks=(*run.rollbacks[:-1], back))


def _require_none_behind(run: Run) -> None:
    if run.behind:
        names = ", ".join(step.id for step in run.behind)
        raise RunError(
            f"commands still run in the background: {names}", fix="Stop them, or wait for their end"
        )


TURNS: Mapping[str, Turn] = MappingProxyType(
    {
        "run.noted": _noted,
        "run.paused": _paused,
        "run.resumed": _resumed,
        "run.handed-over": _handed_over,
        "run.taken": _taken,
        "run.completed": _completed,
        "run.aborted": _aborted,
        "run.undone": _undone,
        "rollback.begun": _rollback_begun,
        "rollback.ended": _rollback_ended,
        "background.finished": _ended_behind,
    }
)
"""What each kind of event does to the run; every other kind is a turn of its present step."""

OPENED = ("run.started", "rollback.begun")
ENDED = ("run.completed", "run.aborted")
"""By the last of these kinds a run is open or not."""
