"""A fact that comes late joins the run's story, or a note tells of it; the story stays possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.errors import RunError
from procedures.execution.record.late_facts import fitting
from procedures.execution.run.fold import evolve, fold
from procedures.ledger.event import Draft, foreseen
from tests.unit.execution.stories import BODIES, START, Story

KINDS = sorted(BODIES)


def late(kind: str, step: str = "look") -> Draft:
    return Draft(
        kind=kind,
        subject="run-1",
        environment="staging",
        operator="ada",
        body={"step": step, "kept": "id", "kept_at": START.isoformat(), **BODIES[kind]},
    )


def begun() -> Story:
    story = Story()
    story.tell("step.confirmed", "look")
    story.tell("step.started", "look")
    return story


def test_a_fact_that_the_run_waits_for_is_recorded_as_it_is() -> None:
    fact = late("step.finished")
    assert fitting(fact, begun().events) is fact


def test_a_fact_that_the_run_cannot_take_any_more_is_told_in_a_note() -> None:
    story = begun()
    story.tell("step.in-doubt", "look")
    story.tell("step.doubt-resolved", "look")
    fact = late("step.in-doubt")
    with pytest.raises(RunError):
        evolve(story.run, foreseen(fact, seq=9, at=START))
    note = fitting(fact, story.events)
    assert (note.kind, note.subject, note.operator) == ("run.noted", "run-1", "ada")
    assert note.body["late"] == {"kind": "step.in-doubt", **fact.body}
    after = evolve(story.run, foreseen(note, seq=9, at=START))
    assert "step.in-doubt" in after.notes[-1].text


def test_what_begins_a_story_is_recorded_as_it_is() -> None:
    fact = late("step.finished")
    assert fitting(fact, []) is fact


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["look", "flush", "other"]))))
def test_no_late_fact_makes_a_story_impossible(facts: list[tuple[str, str]]) -> None:
    events = list(begun().events)
    for kind, step in facts:
        draft = fitting(late(kind, step), events)
        events.append(foreseen(draft, seq=len(events) + 1, at=START))
    assert fold(events).last_seq == len(events)
