"""What must hold of a run whatever happens: checked between any two events of it."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from enum import Enum

from procedures.execution.run.effects import effects_of, standing_effects
from procedures.execution.run.run import Approval, Run, RunOutcome, StepRecord, StepStatus
from procedures.execution.run.step_turns import FACTS
from procedures.ledger.event import Event
from procedures.reference.levels import Level

P, C, R, OK, F, D, S, U = StepStatus

WAYS: dict[tuple[StepStatus, StepStatus], set[str]] = {
    (P, C): {"step.confirmed"},
    (P, R): {"step.started"},
    (P, OK): {"step.ticked", "step.chosen"},
    (P, S): {"step.skipped"},
    (C, P): {"step.lapsed", "run.paused", "run.taken", "run.handed-over", "rollback.begun"},
    (C, R): {"step.started"},
    (C, OK): {"step.ticked", "step.chosen"},
    (C, S): {"step.skipped"},
    (R, OK): {"step.finished", "step.left-running", "step.checked", "step.ticked", "step.chosen"},
    (R, F): {"step.finished", "step.checked"},
    (R, D): {"step.in-doubt"},
    (R, S): {"step.skipped"},
    (D, R): {"step.doubt-resolved"},
    (D, OK): {"step.doubt-resolved"},
    (D, F): {"step.doubt-resolved"},
    (F, P): {"step.retried"},
    (F, R): {"step.retried"},
    (F, S): {"step.skipped"},
    (U, P): {"rollback.ended"},
}
"""By which events a step comes from one state to another; any other way is a defect."""

AFTER_THE_END = {"run.noted", "run.taken", "run.undone", "rollback.begun"}
DURING_A_PAUSE = FACTS | AFTER_THE_END | {
    "run.resumed",
    "run.handed-over",
    "run.aborted",
    "background.finished",
}  # fmt: skip


def require_sound(before: Run, after: Run, event: Event) -> None:
    """Fail if ``event`` led to a run that must not be, or from ``before`` in no sound way."""
    require_typed(after)
    _require_possible_by_now(before, event)
    _require_steps_in_order(after)
    for old in before.all_steps:
        new = after.step(old.id)
        assert new is not None, "no step is ever forgotten"
        assert (new.stages, new.items, new.choices) == (old.stages, old.items, old.choices)
        if new != old:
            _require_sound_change(before, after, old, new, event)
    for step in after.all_steps:
        _require_sound_step(after, step)
    _require_sound_run(before, after, event)


def _require_possible_by_now(before: Run, event: Event) -> None:
    if not before.is_open:
        assert event.kind in AFTER_THE_END
    if before.pause:
        assert event.kind in DURING_A_PAUSE
    if event.kind.startswith(("step.", "approval.")):
        assert before.current
        assert event.body["step"] == before.current.id


def _require_steps_in_order(after: Run) -> None:
    assert after.current is None or after.current in after.path
    goes_back = any(back.goes_on for back in after.rollbacks)
    undone = any(step.status is U for step in after.steps)
    for steps in ((after.steps,) if not goes_back and not undone else ()) + tuple(
        back.steps for back in after.rollbacks
    ):
        over = [step.is_over for step in steps]
        assert over == sorted(over, reverse=True), "steps are taken in order"
    ids = [step.id for step in after.all_steps]
    assert len(set(ids)) == len(ids)


def _require_sound_change(
    before: Run, after: Run, old: StepRecord, new: StepRecord, event: Event
) -> None:
    if old.status is not new.status and new.status is not U:
        assert event.kind in WAYS[old.status, new.status], (old.status, new.status, event.kind)
    if new.status is U and old.status is not U:
        _require_wholly_undone(after, new)
    elif event.kind in ("run.taken", "run.handed-over"):
        assert new.approval is None or new.approval.asked_by == after.driver.operator
    elif event.kind not in ("rollback.ended", "background.finished"):
        assert old == before.current, "only the present step changes"
    if new.command_runs and not old.command_runs:
        assert event.kind == "step.started"
        _require_admitted(old, new)
    if new.status is C:
        _require_confirmed(old, new, event)
    if new.approval != old.approval and new.approval:
        _require_sound_approval(old.approval, new.approval, event)
    assert new.attempt == old.attempt + (event.kind in ("step.retried", "rollback.ended"))


def _require_admitted(old: StepRecord, new: StepRecord) -> None:
    if old.status is C:
        assert (old.level, old.binding) == (new.level, new.binding), "it is what was confirmed"
    else:
        assert new.level is Level.READ, "nothing above reading runs unconfirmed"


def _require_confirmed(old: StepRecord, new: StepRecord, event: Event) -> None:
    if old.status is C or not event.body.get("needs_approval"):
        return
    approval = old.approval
    assert approval
    assert approval.asked_by == event.operator
    assert approval.granted_by not in ("", approval.asked_by)
    assert approval.binding == new.binding == event.body["binding"]
    moment = event.body.get("decided_at")
    assert (datetime.fromisoformat(moment) if moment else event.at) < approval.expires_at


def _require_sound_approval(old: Approval | None, new: Approval, event: Event) -> None:
    if event.kind == "approval.requested":
        assert (new.granted_by, new.refused_by, new.decided_at) == ("", "", None)
        return
    assert event.kind in ("approval.granted", "approval.refused")
    assert old
    assert old.decided_at is None, "what was decided stays"
    assert (new.binding, new.expires_at, new.asked_by) == (
        old.binding,
        old.expires_at,
        old.asked_by,
    )
    assert new.decided_at
    assert new.decided_at < new.expires_at, "expiry is final"
    assert bool(new.granted_by) != bool(new.refused_by)
    assert new.asked_by not in (new.granted_by, new.refused_by)


def _require_wholly_undone(after: Run, step: StepRecord) -> None:
    parts = [part for part in after.rollbacks[-1].steps if part.undoes == step.id]
    assert parts
    assert all(part.status is OK and not part.runs_behind for part in parts)


def _require_sound_step(after: Run, step: StepRecord) -> None:
    if step.status is OK:
        assert step.remaining == ()
    assert set(step.remaining) <= set(step.stages)
    assert all(0 <= each < step.items for each in step.ticked)
    assert step.chosen is None or 0 <= step.chosen < step.choices
    assert not (step.undoes and step.runs_behind)
    if step.runs_behind or step.command_runs:
        assert after.is_open, "a run does not end while something of it runs"


def _require_sound_run(before: Run, after: Run, event: Event) -> None:
    if after.outcome is RunOutcome.COMPLETED:
        assert after.current is None
    if not after.is_open:
        assert after.rolling_back is None
    assert (after.ended_at is None) == after.is_open
    if after.driver != before.driver:
        assert event.kind in ("run.taken", "run.handed-over")
    _require_no_effect_forgotten(before, after, event)


def _require_no_effect_forgotten(before: Run, after: Run, event: Event) -> None:
    known = {effect.step_id for effect in effects_of(after)}
    stood = {effect.step_id for effect in standing_effects(before)}
    assert stood <= known
    gone = stood - {effect.step_id for effect in standing_effects(after)}
    for step_id in gone:
        step = after.step(step_id)
        assert step
        assert step.status is U or event.kind == "run.undone"


def require_typed(value: object) -> None:
    """Fail if a field of ``value`` does not hold what its annotation says."""
    for name, hint in _hints_of(value).items():
        assert _fits(getattr(value, name), hint), (name, getattr(value, name))


def _hints_of(value: object) -> dict[str, object]:
    kind = type(value)
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


_HINTS: dict[type, dict[str, object]] = {}


def _fits(value: object, hint: object) -> bool:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, each) for each in args)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(each, args[0]) for each in value)
    if origin is frozenset:
        return isinstance(value, frozenset) and all(_fits(each, args[0]) for each in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            isinstance(part, str) for item in value.items() for part in item
        )
    if dataclasses.is_dataclass(hint):
        require_typed(value)
        return True
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    if hint is int:
        return type(value) is int
    assert hint in (str, bool, type(None)) or issubclass(hint, Enum), hint  # type: ignore[arg-type]
    return isinstance(value, hint)  # type: ignore[arg-type]
