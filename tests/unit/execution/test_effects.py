"""What a run did stands until it is known to be undone, and is never said to be gone too early."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from procedures.environment import Method
from procedures.execution.run.bodies import untouched
from procedures.execution.run.effects import Standing, effects_of, standing_effects
from procedures.execution.run.run import Rollback, Run, Stage, StepRecord, StepStatus
from procedures.reference.levels import Level

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def done(id: str = "one", level: Level = Level.CHANGE, **more: object) -> StepRecord:
    """Return a step whose command was run from minute 1 to minute 2 and passed."""
    passed = replace(
        untouched(id=id, title=id, stages=(Stage.COMMAND,)),
        remaining=(),
        status=StepStatus.PASSED,
        level=level,
        folder="/f",
        exit_code=0,
        started_at=at(1),
        command_ended_at=at(2),
        ended_at=at(2),
    )
    return replace(passed, **more)  # type: ignore[arg-type]


def undo(status: StepStatus, *, begun: int | None, of: str = "one") -> StepRecord:
    record = untouched(id=f"undo:{of}", title="", stages=(Stage.COMMAND,), undoes=of)
    started_at = at(begun) if begun is not None else None
    return replace(record, status=status, started_at=started_at, folder="/u" if started_at else "")


def run(*steps: StepRecord, undos: tuple[StepRecord, ...] = (), **more: object) -> Run:
    walked = Run(
        id="run-1",
        procedure_id="p",
        title="P",
        digest="d",
        environment="staging",
        method=Method.DOCKER,
        operator="ada",
        started_at=START,
        steps=steps,
        rollbacks=(Rollback(reason="r", steps=undos),) if undos else (),
    )
    return replace(walked, **more)  # type: ignore[arg-type]


def standing(run: Run) -> Standing:
    (effect,) = effects_of(run)
    return effect.standing


def test_a_command_that_changed_something_stands_and_one_that_read_has_no_effect() -> None:
    found = effects_of(run(done(), done("two", Level.READ), done("three", Level.DESTRUCTIVE)))
    assert [(each.step_id, each.level, each.standing) for each in found] == [
        ("one", Level.CHANGE, Standing.STANDS),
        ("three", Level.DESTRUCTIVE, Standing.STANDS),
    ]


def test_what_was_confirmed_skipped_or_only_looked_at_did_nothing() -> None:
    fresh = untouched(id="one", title="", stages=(Stage.COMMAND,))
    for step in (
        fresh,
        replace(fresh, status=StepStatus.CONFIRMED, level=Level.DESTRUCTIVE),
        replace(fresh, status=StepStatus.SKIPPED),
        replace(fresh, stages=(Stage.CHECKS,), status=StepStatus.PASSED, level=Level.CHANGE),
    ):
        assert effects_of(run(step)) == ()


def test_what_did_not_end_well_may_stand() -> None:
    remaining = (Stage.COMMAND,)
    for step in (
        done(status=StepStatus.FAILED, exit_code=1, remaining=remaining),
        done(status=StepStatus.RUNNING, command_ended_at=None, remaining=remaining),
        done(status=StepStatus.IN_DOUBT, command_ended_at=None, remaining=remaining),
        done(status=StepStatus.SKIPPED, exit_code=1, remaining=remaining),
        done(background=True, command_ended_at=None, exit_code=None),
        done(background=True, exit_code=1),
        done(background=True, exit_code=None),
    ):
        assert standing(run(step)) is Standing.MAY_STAND


def test_a_command_that_passed_stands_although_its_checks_failed() -> None:
    assert standing(run(done(status=StepStatus.FAILED))) is Standing.STANDS
    assert standing(run(done(background=True))) is Standing.STANDS


def test_the_highest_level_of_all_attempts_counts() -> None:
    again = untouched(id="one", title="", stages=(Stage.COMMAND,))
    again = replace(again, earlier_level=Level.DESTRUCTIVE)
    (effect,) = effects_of(run(again))
    assert (effect.level, effect.standing) == (Level.DESTRUCTIVE, Standing.MAY_STAND)
    (effect,) = effects_of(run(done(earlier_level=Level.DESTRUCTIVE)))
    assert (effect.level, effect.standing) == (Level.DESTRUCTIVE, Standing.MAY_STAND)


def test_an_effect_is_undone_when_all_of_its_undo_passed_and_may_stand_before() -> None:
    assert standing(run(done(status=StepStatus.UNDONE))) is Standing.UNDONE
    assert standing_effects(run(done(status=StepStatus.UNDONE))) == ()
    for status in (StepStatus.RUNNING, StepStatus.FAILED, StepStatus.IN_DOUBT, StepStatus.PASSED):
        assert standing(run(done(), undos=(undo(status, begun=3),))) is Standing.MAY_STAND


def test_an_undo_that_was_never_started_leaves_the_effect_as_it_is() -> None:
    for status in (StepStatus.PENDING, StepStatus.CONFIRMED, StepStatus.SKIPPED):
        assert standing(run(done(), undos=(undo(status, begun=None),))) is Standing.STANDS


def test_what_is_done_once_more_after_its_undo_stands() -> None:
    again = done(started_at=at(5), command_ended_at=at(6), attempt=2)
    assert standing(run(again, undos=(undo(StepStatus.PASSED, begun=3),))) is Standing.STANDS


def test_a_run_that_another_one_took_back_has_no_effects_but_those_that_came_later() -> None:
    def back(step: StepRecord) -> Standing:
        return standing(run(step, undone_by="run-2", undone_at=at(10)))

    failed = done(status=StepStatus.FAILED, exit_code=1, remaining=(Stage.COMMAND,))
    assert back(done()) is Standing.UNDONE
    assert back(failed) is Standing.UNDONE
    assert back(done(started_at=at(11), command_ended_at=at(12))) is Standing.STANDS
    assert back(done(command_ended_at=at(11))) is Standing.STANDS
    still_running = replace(failed, status=StepStatus.RUNNING, command_ended_at=None)
    assert back(still_running) is Standing.MAY_STAND
    assert back(done(background=True, command_ended_at=None)) is Standing.MAY_STAND
