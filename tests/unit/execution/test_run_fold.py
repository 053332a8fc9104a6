"""A run is what its events make of it, and nothing else can be made of them."""

from dataclasses import replace

import pytest

from procedures.errors import RunError
from procedures.execution.run.bodies import untouched
from procedures.execution.run.fold import evolve, fold
from procedures.execution.run.run import Driver, RunOutcome, Stage, StepStatus
from tests.unit.execution.stories import Story, at, event, result, started_body, undoing


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


def at_tell() -> Story:
    """Return a run whose first step has read and whose second has changed something."""
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("step.finished", "flush")
    story.tell("step.checked", "flush")
    story.tell("step.checked", "flush", stage="wait")
    return story


@pytest.mark.parametrize(
    "change",
    [
        {"steps": [started_body()["steps"][0]] * 2},
        {"steps": [started_body()["steps"][0] | {"undoes": "look"}]},
        {"steps": [started_body()["steps"][0] | {"stages": []}]},
        {"steps": [started_body()["steps"][0] | {"stages": ["command", "command"]}]},
        {"steps": [started_body()["steps"][0] | {"stages": ["cooking"]}]},
        {"steps": [started_body()["steps"][2] | {"items": 0}]},
        {"steps": [started_body()["steps"][2] | {"choices": -1}]},
        {"steps": [started_body()["steps"][2] | {"items": True}]},
        {"begin_at": "nowhere"},
        {"method": "rockets"},
        {"inputs": {"n": 1}},
        {"title": None},
        {"console": 5},
    ],
)
def test_a_beginning_that_no_document_has_is_not_understood(change: dict[str, object]) -> None:
    with pytest.raises(RunError, match=r"event 1 .*cannot be understood"):
        fold([event(1, "run.started", started_body() | change)])


def test_a_run_begins_with_its_beginning() -> None:
    with pytest.raises(RunError, match=r"begins with run.aborted instead of run.started"):
        fold([event(1, "run.aborted", {"reason": "r"})])
    with pytest.raises(RunError, match=r"knows no run.started"):
        Story().tell("run.started")
    with pytest.raises(RunError, match=r"knows no step.eaten"):
        Story().tell("step.eaten", "look")


def test_steps_before_the_chosen_one_are_skipped_with_their_reason() -> None:
    body = started_body() | {"begin_at": "tell", "reason": "done by hand"}
    run = fold([event(1, "run.started", body)])
    assert [step.status for step in run.steps] == [StepStatus.SKIPPED] * 2 + [StepStatus.PENDING]
    assert run.steps[1].reason == "done by hand"


@pytest.mark.parametrize("kind", ["run.paused", "run.handed-over", "run.taken", "rollback.begun"])
def test_whoever_goes_on_confirms_anew(kind: str) -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell(kind)
    assert story.step("flush").status is StepStatus.PENDING
    assert (story.step("flush").level, story.step("flush").binding) == (None, "")


def test_a_paused_run_takes_facts_and_no_decisions() -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    story.tell("run.paused")
    for kind in ("step.skipped", "step.retried", "step.doubt-resolved", "run.paused"):
        with pytest.raises(RunError, match="is paused: wait"):
            story.tell(kind, "flush")
    story.tell("step.finished", "flush")
    story.tell("step.checked", "flush", results=[result(False)])
    assert story.step("flush").status is StepStatus.FAILED
    story.tell("run.handed-over")
    assert story.run.pause, "a pause is everybody's"
    story.tell("run.resumed", by="grace")
    story.tell("step.skipped", "flush")


def test_a_paused_run_does_not_end_by_itself() -> None:
    story = Story(untouched(id="look", title="", stages=(Stage.COMMAND,)))
    story.tell("step.started", "look", level="read")
    story.tell("run.paused")
    story.tell("step.finished", "look")
    with pytest.raises(RunError, match="is paused"):
        story.tell("run.completed")
    story.tell("run.resumed")
    assert story.tell("run.completed").outcome is RunOutcome.COMPLETED


def test_who_drives_is_who_took_the_run_last() -> None:
    story = Story()
    assert story.run.driver == Driver(operator="ada", console="h/1/1")
    story.tell("run.handed-over")
    assert story.run.driver == Driver(operator="grace")
    story.tell("run.taken", by="grace")
    assert story.run.driver == Driver(operator="grace", console="h/2/2")


def test_an_approval_is_given_by_another_person_in_time_for_what_was_asked() -> None:
    story = at_flush()
    story.tell("approval.requested", "flush", expires_at=at(9).isoformat())
    with pytest.raises(RunError, match="ada asked for this approval and cannot give it"):
        story.tell("approval.granted", "flush")
    with pytest.raises(RunError, match="is not what was looked at"):
        story.tell("approval.granted", "flush", by="grace", binding="other")
    with pytest.raises(RunError, match="no valid approval"):
        story.tell("step.confirmed", "flush", needs_approval=True)
    story.tell("approval.granted", "flush", by="grace")
    for kind in ("approval.granted", "approval.refused"):
        with pytest.raises(RunError, match="grace has decided on step flush already"):
            story.tell(kind, "flush", by="grace")
    with pytest.raises(RunError, match="no valid approval"):
        story.tell("step.confirmed", "flush", needs_approval=True, binding="other")
    with pytest.raises(RunError, match="ada asked for the approval of step flush, not grace"):
        story.tell("step.confirmed", "flush", by="grace", needs_approval=True)
    story.tell("step.confirmed", "flush", needs_approval=True)
    assert story.step("flush").status is StepStatus.CONFIRMED


@pytest.mark.parametrize(("minute", "in_time"), [(8, True), (9, False), (10, False)])
def test_an_approval_ends_at_its_very_moment(minute: int, in_time: bool) -> None:
    story = at_flush()
    story.tell("approval.requested", "flush", expires_at=at(9).isoformat())
    said = at(minute).isoformat()
    if in_time:
        story.tell("approval.granted", "flush", by="grace", decided_at=said)
        story.tell("step.confirmed", "flush", needs_approval=True, decided_at=at(8).isoformat())
        return
    with pytest.raises(RunError, match="expired at 03:09:00 UTC"):
        story.tell("approval.granted", "flush", by="grace", decided_at=said)
    with pytest.raises(RunError, match="expired"):
        story.tell("approval.refused", "flush", by="grace", decided_at=said)


def test_what_was_granted_is_not_used_after_it_expired() -> None:
    story = at_flush()
    story.tell("approval.requested", "flush", expires_at=at(9).isoformat())
    story.tell("approval.granted", "flush", by="grace")
    with pytest.raises(RunError, match="no valid approval"):
        story.tell("step.confirmed", "flush", needs_approval=True, decided_at=at(9).isoformat())


def test_a_new_request_takes_the_place_of_the_old_one() -> None:
    story = at_flush()
    story.tell("approval.requested", "flush")
    story.tell("approval.granted", "flush", by="grace")
    story.tell("approval.requested", "flush")
    with pytest.raises(RunError, match="no valid approval"):
        story.tell("step.confirmed", "flush", needs_approval=True)


def test_nobody_decides_on_a_step_that_does_not_wait_for_it() -> None:
    story = at_flush()
    with pytest.raises(RunError, match="nobody waits for an approval"):
        story.tell("approval.granted", "flush", by="grace")
    story.tell("approval.requested", "flush")
    story.tell("step.confirmed", "flush")
    with pytest.raises(RunError, match="nobody waits for an approval"):
        story.tell("approval.granted", "flush", by="grace")
    with pytest.raises(RunError, match="needs no approval"):
        story.tell("approval.requested", "flush")


def test_a_time_without_a_zone_is_not_understood() -> None:
    """It could not be compared with any other, and would stop whoever looks."""
    story = at_flush()
    with pytest.raises(RunError, match="cannot be understood"):
        story.tell("approval.requested", "flush", expires_at="2026-11-23T03:15:00")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("step.doubt-resolved", {"passed": "false"}),
        ("step.doubt-resolved", {"passed": 1}),
        ("step.in-doubt", {"reason": None}),
    ],
)
def test_what_only_looks_like_a_truth_is_not_taken_for_one(
    kind: str, change: dict[str, object]
) -> None:
    story = Story()
    story.tell("step.started", "look", level="read")
    if kind == "step.doubt-resolved":
        story.tell("step.in-doubt", "look")
    with pytest.raises(RunError, match="cannot be understood"):
        story.tell(kind, "look", **change)  # type: ignore[arg-type]


def test_a_way_back_undoes_the_last_first_and_ends_the_run() -> None:
    story = at_tell()
    story.tell("run.aborted")
    run = story.tell("rollback.begun")
    assert run.is_open
    assert [step.undoes for step in run.path] == ["flush", "flush", "look", "look"]
    for step in run.path:
        assert story.step("flush").status is StepStatus.PASSED or step.undoes == "look"
        story.tell("step.confirmed", step.id)
        story.tell("step.started", step.id)
        with pytest.raises(RunError, match="still to do"):
            story.tell("run.completed")
        story.tell("step.finished", step.id)
    assert story.step("flush").status is StepStatus.UNDONE
    with pytest.raises(RunError, match="no way back"):
        story.tell("rollback.ended")
    ended = story.tell("run.completed")
    assert (ended.outcome, ended.reason) == (RunOutcome.ROLLED_BACK, "wrong")
    assert ended.rolling_back is None


def test_a_step_is_not_undone_when_a_part_of_its_undo_was_left_out() -> None:
    story = at_tell()
    first, second = story.tell("rollback.begun", steps=undoing(story.run, "flush")).path
    story.tell("step.skipped", first.id)
    story.tell("step.confirmed", second.id)
    story.tell("step.started", second.id)
    story.tell("step.finished", second.id)
    assert story.step("flush").status is StepStatus.PASSED
    assert story.tell("run.completed").outcome is RunOutcome.ROLLED_BACK


def test_a_run_that_goes_on_does_what_was_undone_once_more() -> None:
    story = at_tell()
    story.tell("rollback.begun", steps=undoing(story.run, "flush"), goes_on=True)
    for step in story.run.path:
        story.tell("step.confirmed", step.id)
        story.tell("step.started", step.id)
        story.tell("step.finished", step.id)
    with pytest.raises(RunError, match="goes on after its way back"):
        story.tell("run.completed")
    story.tell("rollback.ended")
    assert (story.current.id, story.current.attempt) == ("flush", 2)
    assert story.current.status is StepStatus.PENDING
    assert story.current.reached_level is None


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"id": "undo:x", "undoes": "nothing"}],
        [{"id": "undo:x", "undoes": ""}],
        [{"id": "look", "undoes": "look"}],
        [{"id": "undo:x", "undoes": "look"}] * 2,
        [{"id": "undo:x", "undoes": "undo:x"}],
    ],
)
def test_a_way_back_undoes_steps_of_the_document_each_by_steps_of_its_own(
    steps: list[dict[str, str]],
) -> None:
    story = at_flush()
    whole = {"title": "", "stages": ["command"], "items": 0, "choices": 0, "part": 0}
    with pytest.raises(RunError, match="has no usable steps"):
        story.tell("rollback.begun", steps=[whole | step for step in steps])


def test_no_way_back_begins_while_a_command_runs_or_another_is_taken() -> None:
    story = at_flush()
    story.tell("step.confirmed", "flush")
    story.tell("step.started", "flush")
    with pytest.raises(RunError, match="still runs"):
        story.tell("rollback.begun")
    story.tell("step.finished", "flush", exit_code=1)
    story.tell("rollback.begun")
    with pytest.raises(RunError, match="on its way back already"):
        story.tell("rollback.begun")


def with_command_behind() -> Story:
    story = Story()
    story.tell("step.confirmed", "look")
    story.tell("step.started", "look", background=True)
    story.tell("step.left-running", "look")
    return story


def test_a_command_behind_keeps_the_run_from_ending_but_not_from_going_on() -> None:
    story = with_command_behind()
    assert [step.id for step in story.run.behind] == ["look"]
    assert story.current.id == "flush"
    with pytest.raises(RunError, match="still run in the background: look"):
        story.tell("run.aborted")
    with pytest.raises(RunError, match="still run in the background: look"):
        story.tell("rollback.begun")
    story.tell("step.skipped", "flush")
    story.tell("step.skipped", "tell")
    with pytest.raises(RunError, match="still run in the background: look"):
        story.tell("run.completed")
    story.tell("background.finished", "look", exit_code=None, reason="it was cancelled")
    assert not story.run.behind
    assert story.step("look").status is StepStatus.PASSED
    with pytest.raises(RunError, match="no command of step look runs in the background"):
        story.tell("background.finished", "look")
    story.tell("run.completed")


def test_only_a_command_for_the_background_is_left_running() -> None:
    story = Story()
    story.tell("step.started", "look", level="read")
    with pytest.raises(RunError, match="not one for the background"):
        story.tell("step.left-running", "look")
    for step in ("look", "nothing"):
        with pytest.raises(RunError, match=r"no command|no step"):
            story.tell("background.finished", step)


def test_what_undoes_is_never_left_running() -> None:
    story = at_tell()
    undo = story.tell("rollback.begun").path[0]
    story.tell("step.confirmed", undo.id)
    story.tell("step.started", undo.id, background=True)
    with pytest.raises(RunError, match="not one for the background"):
        story.tell("step.left-running", undo.id)


def test_an_ended_run_is_noted_on_taken_and_undone_and_nothing_else() -> None:
    story = at_tell()
    story.tell("run.aborted")
    for kind in ("run.paused", "run.resumed", "run.handed-over", "run.completed", "run.aborted"):
        with pytest.raises(RunError, match="is aborted"):
            story.tell(kind)
    for kind in ("step.skipped", "step.ticked", "approval.requested"):
        with pytest.raises(RunError, match="is aborted"):
            story.tell(kind, "tell")
    story.tell("run.noted")
    story.tell("run.taken", by="grace")
    undone = story.tell("run.undone")
    assert (undone.undone_by, undone.undone_at) == ("run-2", story.events[-1].at)
    assert not undone.is_open


def test_an_event_of_another_run_is_not_taken() -> None:
    story, other = Story(), event(2, "run.noted", {"text": "hm"})
    with pytest.raises(RunError, match="belongs to"):
        evolve(fold([event(1, "run.started", started_body())]), replace(other, subject="run-2"))
    assert story.tell("run.noted").notes[0].text == "hm"


@pytest.mark.parametrize("kind", ["run.taken", "run.handed-over"])
def test_an_approval_is_for_who_asked_and_for_nobody_who_drives_after_them(kind: str) -> None:
    story = at_flush()
    story.tell("approval.requested", "flush")
    story.tell("approval.granted", "flush", by="grace")
    story.tell(kind, by="ada", to="ada")
    assert story.step("flush").approval
    story.tell(kind, by="grace", to="grace")
    assert story.step("flush").approval is None
    with pytest.raises(RunError, match="nobody waits for an approval"):
        story.tell("approval.granted", "flush", by="grace")


def test_an_approval_for_a_way_back_that_was_given_up_undoes_nothing() -> None:
    story = at_tell()
    undo = story.tell("rollback.begun", steps=undoing(story.run, "flush")).path[0]
    story.tell("approval.requested", undo.id)
    story.tell("run.aborted")
    story.tell("rollback.begun", steps=undoing(story.run, "look"))
    story.tell("run.taken", by="grace")
    assert story.step("flush").status is StepStatus.PASSED
