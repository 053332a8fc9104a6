"""A run is what its events make of it, and nothing else can be made of them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.errors import RunError
from procedures.execution.bodies import outline_body, untouched
from procedures.execution.fold import evolve, fold
from procedures.execution.run import Run, RunOutcome, Stage, StepRecord, StepStatus
from procedures.execution.step_turns import TURNS
from procedures.ledger.event import Event
from procedures.reference.levels import Level

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STEPS = (
    untouched(id="look", title="Look", stages=(Stage.COMMAND,)),
    untouched(id="flush", title="Flush", stages=(Stage.COMMAND, Stage.CHECKS, Stage.WAIT)),
    untouched(id="tell", title="Tell", stages=(Stage.ITEMS, Stage.CHOICE), items=2, choices=2),
)


class Story:
    """Events told one after the other, each tried on the run as it is by then."""

    def __init__(self, *steps: StepRecord) -> None:
        body = {
            "procedure": "cache-flush",
            "title": "Cache flush",
            "digest": "d",
            "method": "docker",
            "inputs": {},
            "steps": [outline_body(step) for step in steps or STEPS],
        }
        self.events = [event(1, "run.started", body)]
        self.run = fold(self.events)

    def tell(self, kind: str, step: str = "", **body: object) -> Run:
        if step:
            body["step"] = step
        told = event(len(self.events) + 1, kind, BODIES.get(kind, {}) | body)
        self.run = evolve(self.run, told)
        self.events.append(told)
        return self.run

    def step(self, step_id: str) -> StepRecord:
        record = self.run.step(step_id)
        assert record
        return record


def event(seq: int, kind: str, body: Mapping[str, Any]) -> Event:
    return Event(
        seq=seq,
        at=START + timedelta(minutes=seq),
        kind=kind,
        subject="run-1",
        environment="staging",
        operator="ada",
        body=body,
        previous_hash="",
        hash="",
    )


def result(passed: bool | None) -> dict[str, Any]:
    return {"text": "t", "passed": passed, "detail": "d", "at": START.isoformat()}


BODIES: dict[str, dict[str, Any]] = {
    "step.confirmed": {"level": "change", "binding": "b"},
    "step.started": {"level": "change", "binding": "b", "folder": "/f", "host": "h"},
    "step.finished": {"exit_code": 0, "ended_at": START.isoformat(), "reason": ""},
    "step.checked": {"stage": "checks", "results": [result(True)]},
    "step.in-doubt": {"reason": "lost"},
    "step.doubt-resolved": {"passed": True, "note": "looked"},
    "step.ticked": {"item": 0, "on": True},
    "step.chosen": {"choice": 0},
    "step.skipped": {"reason": "not needed"},
    "step.retried": {"recheck": False},
    "step.overridden": {"reason": "known", "results": [result(False)]},
    "run.noted": {"text": "hm"},
    "run.aborted": {"reason": "enough"},
}


def at_flush() -> Story:
    story = Story()
    story.tell("step.started", "look", level="read")
    story.tell("step.finished", "look")
    return story


def test_a_walk_from_the_first_step_to_the_end() -> None:
    story = at_flush()
    assert story.step("look").status is StepStatus.PASSED
    assert story.run.current == story.step("flush")
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("step.finished", "flush")
    assert story.step("flush").status is StepStatus.RUNNING
    story.tell("step.checked", "flush")
    story.tell("step.waiting", "flush")
    story.tell("step.checked", "flush", stage="wait")
    story.tell("step.ticked", "tell", item=0)
    story.tell("step.ticked", "tell", item=1)
    assert story.run.current == story.step("tell")
    story.tell("step.chosen", "tell", choice=1)
    completed = story.tell("run.completed")
    assert completed.current is None
    assert completed.outcome is RunOutcome.COMPLETED
    assert {step.status for step in story.run.steps} == {StepStatus.PASSED}


def test_a_change_cannot_start_unconfirmed() -> None:
    with pytest.raises(RunError, match="not confirmed"):
        at_flush().tell("step.started", "flush")


@pytest.mark.parametrize("change", [{"binding": "other"}, {"level": "destructive"}])
def test_what_starts_is_what_was_confirmed(change: dict[str, str]) -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    with pytest.raises(RunError, match="not what was confirmed"):
        story.tell("step.started", "flush", **change)


def test_a_lapsed_confirmation_has_to_be_given_anew() -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.lapsed", "flush")
    assert story.step("flush").status is StepStatus.PENDING
    with pytest.raises(RunError, match="not confirmed"):
        story.tell("step.started", "flush")


def test_no_step_runs_before_its_turn_or_twice() -> None:
    story = at_flush()
    for step in ("look", "tell"):
        with pytest.raises(RunError, match="not next"):
            story.tell("step.started", step, level="read")
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    with pytest.raises(RunError):
        story.tell("step.started", "flush")


@pytest.mark.parametrize("passed", [False, None])
def test_a_check_that_failed_or_could_not_be_made_fails_the_step(passed: bool | None) -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("step.finished", "flush")
    story.tell("step.checked", "flush", results=[result(True), result(passed)])
    assert story.step("flush").status is StepStatus.FAILED
    assert story.step("flush").reason == "t: d"


def test_a_recheck_does_not_run_the_command_again() -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("step.finished", "flush")
    story.tell("step.checked", "flush", results=[result(False)])
    story.tell("step.retried", "flush", recheck=True)
    assert story.step("flush").remaining == (Stage.CHECKS, Stage.WAIT)
    assert not story.step("flush").command_runs


def test_a_failed_command_can_only_be_retried_whole_and_confirmed_anew() -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("step.finished", "flush", exit_code=1, reason="it ended with exit status 1")
    assert story.step("flush").status is StepStatus.FAILED
    with pytest.raises(RunError, match="did not succeed"):
        story.tell("step.retried", "flush", recheck=True)
    story.tell("step.retried", "flush")
    assert story.step("flush").attempt == 2
    assert story.step("flush").status is StepStatus.PENDING
    with pytest.raises(RunError, match="not confirmed"):
        story.tell("step.started", "flush")


def test_a_doubt_is_resolved_by_the_operator_and_its_checks_still_count() -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("step.in-doubt", "flush")
    for kind in ("step.started", "step.skipped", "step.retried"):
        with pytest.raises(RunError):
            story.tell(kind, "flush")
    story.tell("step.doubt-resolved", "flush")
    assert story.step("flush").status is StepStatus.RUNNING
    assert story.step("flush").remaining == (Stage.CHECKS, Stage.WAIT)


def test_a_run_is_not_aborted_under_a_running_command() -> None:
    story = Story()
    story.tell("step.started", "look", level="read")
    with pytest.raises(RunError, match="still runs"):
        story.tell("run.aborted")


def test_a_tick_can_be_taken_back_until_the_step_is_over() -> None:
    story = Story(untouched(id="tell", title="", stages=(Stage.ITEMS, Stage.CHOICE), items=1,
                            choices=1))  # fmt: skip
    story.tell("step.ticked", "tell")
    story.tell("step.ticked", "tell", on=False)
    assert story.step("tell").remaining == (Stage.ITEMS, Stage.CHOICE)
    story.tell("step.chosen", "tell")
    story.tell("step.ticked", "tell")
    assert story.run.current is None


@pytest.mark.parametrize("kind", ["step.confirmed", "step.finished", "step.ticked", "run.aborted"])
def test_an_event_that_cannot_be_read_is_named(kind: str) -> None:
    story = Story()
    if kind == "step.finished":
        story.tell("step.started", "look", level="read")
    bad = event(len(story.events) + 1, kind, {"step": "look", "item": "x", "level": 3})
    with pytest.raises(RunError, match=f"event {bad.seq}"):
        evolve(story.run, bad)


def test_a_run_without_events_does_not_exist() -> None:
    with pytest.raises(RunError, match="no such run"):
        fold([])


TURNS_TO_TRY = st.tuples(
    st.sampled_from([*TURNS, "run.noted", "run.completed", "run.aborted", "run.started"]),
    st.sampled_from(["", "", "", *(step.id for step in STEPS)]),
    st.fixed_dictionaries(
        {},
        optional={
            "level": st.sampled_from(["read", "change", "destructive"]),
            "exit_code": st.sampled_from([0, 1, None]),
            "stage": st.sampled_from([stage.value for stage in Stage]),
            "passed": st.booleans(),
            "recheck": st.booleans(),
            "on": st.booleans(),
            "item": st.integers(-1, 2),
            "choice": st.integers(-1, 2),
        },
    ),
)


@settings(max_examples=300)
@given(turns=st.lists(TURNS_TO_TRY, max_size=40))
def test_in_any_order_only_sound_turns_are_taken(
    turns: list[tuple[str, str, dict[str, object]]],
) -> None:
    story = Story()
    for kind, step, change in turns:
        before = story.run
        try:
            current = before.current.id if before.current else "tell"
            story.tell(kind, step or current, **change)
        except RunError:
            assert story.run is before
            continue
        _assert_sound(before, story.run, kind)
    assert fold(story.events) == story.run


def _assert_sound(before: Run, after: Run, kind: str) -> None:
    changed = [(old, new) for old, new in zip(before.steps, after.steps, strict=True) if old != new]
    assert len(changed) <= 1
    over = [step.is_over for step in after.steps]
    assert over == sorted(over, reverse=True), "steps are taken in order"
    for old, new in changed:
        assert old == before.current
        if new.command_runs and not old.command_runs:
            assert kind == "step.started"
            assert new.level is Level.READ or old.status is StepStatus.CONFIRMED
        if new.status is StepStatus.PASSED:
            assert new.remaining == ()
    if before.outcome is not RunOutcome.OPEN:
        assert kind == "run.noted"
