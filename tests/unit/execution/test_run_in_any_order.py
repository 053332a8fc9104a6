"""Whatever order events come in, and whatever they say: refused, or a run that can be."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.errors import RunError
from procedures.execution.run.effects import effects_of
from procedures.execution.run.fold import evolve, fold
from procedures.execution.run.run import Run, Stage
from procedures.execution.run.run_turns import TURNS as RUN_TURNS
from procedures.execution.run.step_turns import TURNS as STEP_TURNS
from procedures.reference.levels import Level
from tests.unit.execution.soundness import require_sound, require_typed
from tests.unit.execution.stories import STEPS, Story, at, event, result, started_body, usual_body

KINDS = (*STEP_TURNS, *RUN_TURNS, "run.started")

TURNS_TO_TRY = st.tuples(
    st.sampled_from(KINDS),
    st.sampled_from(["", "", "", "", "", *(step.id for step in STEPS), "nothing"]),
    st.sampled_from(["ada", "ada", "grace"]),
    st.fixed_dictionaries(
        {},
        optional={
            "level": st.sampled_from([level.value for level in Level]),
            "binding": st.sampled_from(["b", "b", "c"]),
            "needs_approval": st.booleans(),
            "background": st.booleans(),
            "exit_code": st.sampled_from([0, 0, 1, None]),
            "stage": st.sampled_from([stage.value for stage in Stage]),
            "results": st.sampled_from([[], [result(True)], [result(False)], [result(None)]]),
            "passed": st.booleans(),
            "recheck": st.booleans(),
            "on": st.sampled_from([True, True, False]),
            "item": st.integers(-1, 2),
            "choice": st.integers(-1, 2),
            "goes_on": st.booleans(),
            "to": st.sampled_from(["ada", "grace"]),
            "expires_at": st.integers(0, 60).map(lambda minute: at(minute).isoformat()),
            "decided_at": st.integers(0, 60).map(lambda minute: at(minute).isoformat()),
        },
    ),
)

LIKELY = {
    "pending": ("step.confirmed", "step.started", "step.ticked", "step.chosen", "step.skipped"),
    "confirmed": ("step.started",),
    "running": ("step.finished", "step.left-running", "step.checked", "step.in-doubt"),
    "failed": ("step.retried", "step.skipped", "rollback.begun"),
    "in doubt": ("step.doubt-resolved",),
}
"""What mostly comes next, so that long stories come about as well."""


@settings(max_examples=400, deadline=None)
@given(
    turns=st.lists(st.tuples(st.booleans(), st.integers(0, 9), TURNS_TO_TRY), max_size=60),
)
def test_in_any_order_only_sound_turns_are_taken(
    turns: list[tuple[bool, int, tuple[str, str, str, dict[str, object]]]],
) -> None:
    story = Story()
    for guided, number, (kind, step, by, change) in turns:
        before = story.run
        current = before.current.id if before.current else ""
        if guided and before.current:
            likely = LIKELY[before.current.status.value]
            kind, step = likely[number % len(likely)], current
        target = (step or current or "tell") if _names_a_step(kind) else ""
        try:
            story.tell(kind, target, by=by, **change)
        except RunError:
            assert story.run is before
            continue
        require_sound(before, story.run, story.events[-1])
    assert fold(story.events) == story.run


def _names_a_step(kind: str) -> bool:
    return kind.startswith(("step.", "approval.", "background."))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
MOMENTS = st.sampled_from(["2026-11-23", "2026-11-23T03:00:00", "0001-01-01T00:00:00+14:00", "x"])


def _stories() -> list[Story]:
    """Return stories at moments of which each kind of event can follow one."""
    began, runs, doubts, failed, tells, behind, asked, back, paused, ended = (
        Story() for _ in range(10)
    )
    for story in (runs, doubts, failed):
        story.tell("step.started", "look", level="read")
    doubts.tell("step.in-doubt", "look")
    failed.tell("step.finished", "look", exit_code=1)
    for step in ("look", "flush"):
        tells.tell("step.skipped", step)
    behind.tell("step.started", "look", level="read", background=True)
    behind.tell("step.left-running", "look")
    asked.tell("approval.requested", "look")
    back.tell("step.started", "look", level="read")
    back.tell("step.finished", "look")
    back.tell("rollback.begun", goes_on=True)
    paused.tell("run.paused")
    ended.tell("step.started", "look", level="read")
    ended.tell("step.finished", "look")
    ended.tell("run.aborted")
    checks = Story()
    checks.tell("step.skipped", "look")
    checks.tell("step.started", "flush", level="read")
    checks.tell("step.finished", "flush")
    return [began, runs, doubts, failed, tells, behind, asked, back, paused, ended, checks]


STORIES = _stories()


def _items(value: object) -> list[dict[str, Any]]:
    """Return copies of the objects of a list, so that one can be made odd; none if it has none."""
    values = value if isinstance(value, list) else []
    return [dict(item) for item in values if isinstance(item, dict) and item]


@st.composite
def odd_bodies(draw: st.DrawFn) -> tuple[Story, str, dict[str, Any], str]:
    """Return a story, and an event that says something else than such an event does."""
    story = draw(st.sampled_from(STORIES))
    kind = draw(st.sampled_from(KINDS))
    body = dict(usual_body(story.run, kind))
    current = story.run.current.id if story.run.current else "look"
    if kind == "background.finished":
        body["step"] = "look"
    elif _names_a_step(kind):
        body["step"] = current
    for key in draw(st.lists(st.sampled_from([*body, "kept"]), min_size=1, max_size=2)):
        if draw(st.booleans()):
            body[key] = draw(JSON | MOMENTS)
        elif items := _items(body.get(key)):
            item = draw(st.sampled_from(items))
            item[draw(st.sampled_from(sorted(item)))] = draw(JSON | MOMENTS)
            body[key] = items
        else:
            body.pop(key, None)
    return story, kind, body, draw(st.sampled_from(["ada", "grace"]))


@settings(max_examples=1000, deadline=None)
@given(odd_bodies())
def test_an_event_that_says_something_odd_is_refused_or_makes_a_run_that_can_be(
    odd: tuple[Story, str, dict[str, Any], str],
) -> None:
    story, kind, body, by = odd
    told = event(len(story.events) + 1, kind, body, by=by)
    with contextlib.suppress(RunError):
        after = evolve(story.run, told)
        require_sound(story.run, after, told)
        _look_at_everything(after)


@settings(max_examples=500, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*started_body(), "begin_at", "rolls_back", "reason"]), JSON | MOMENTS
    )
)
def test_a_beginning_that_says_something_odd_is_refused_or_makes_a_run_that_can_be(
    change: dict[str, Any],
) -> None:
    with contextlib.suppress(RunError):
        run = fold([event(1, "run.started", started_body() | change)])
        require_typed(run)
        _look_at_everything(run)


def _look_at_everything(run: Run) -> None:
    """Ask what a console asks when it shows a run: that must never fail."""
    now = datetime.now(UTC)
    effects_of(run)
    for step in run.all_steps:
        assert step.is_over in (True, False)
        if step.approval:
            step.approval.is_open(now)
            step.approval.covers("b", now)
        assert step.command_ended_at is None or step.command_ended_at != now


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_is_possible_somewhere_and_refused_elsewhere(kind: str) -> None:
    outcomes = set()
    for story in STORIES:
        step = ""
        if _names_a_step(kind):
            behind = kind == "background.finished" or not story.run.current
            step = "look" if behind else story.current.id
        for change in ({}, {"background": True}, {"stage": "wait"}, {"level": "read"}):
            for by in ("ada", "grace"):
                told = story.foreseen(kind, step, by=by, **change)
                try:
                    require_sound(story.run, evolve(story.run, told), told)
                    outcomes.add("taken")
                except RunError:
                    outcomes.add("refused")
    always = {"run.noted", "run.taken", "run.undone"}
    never = {"run.started", "run.completed", "rollback.ended", "step.lapsed", "step.left-running"}
    expected = {"taken"} if kind in always else {"taken", "refused"}
    assert outcomes == ({"refused"} if kind in never else expected)
