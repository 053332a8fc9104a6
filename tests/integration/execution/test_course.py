"""A run pauses, changes hands, begins late and ends early, and the record tells all of it."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.record.approvals import open_requests
from procedures.execution.record.runs import open_runs, run_of
from procedures.execution.run.run import CheckResult, Driver, RunOutcome, StepStatus
from procedures.execution.walking.progress import OutputArrived
from procedures.ledger.event import Draft
from procedures.reference.levels import Level
from procedures.runbook.assertions import Assertion
from procedures.runbook.model import Input
from tests.integration.execution.desk import (
    HEALTHY,
    Desk,
    Diary,
    ScriptedChecks,
    command,
    elsewhere,
    execute,
    procedure,
    step,
    take,
    told_first,
)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary")


async def test_a_paused_run_takes_no_decision_from_anybody(desk: Desk, diary: Diary) -> None:
    walk = await desk.start(procedure(diary.change("one"), step("two", prose="p")))
    with pytest.raises(RunError, match="A pause needs a reason"):
        await walk.course.pause(" ")
    await walk.course.pause("waiting for the vendor")
    for turn in (
        walk.confirm("one"),
        walk.skip("one", "no"),
        execute(walk),
        walk.course.pause("again"),
    ):
        with pytest.raises(RunError, match="is paused: waiting for the vendor"):
            await turn
    assert diary.lines == []
    other = await desk.resume(walk.run.id, walk.procedure, operator="grace", console=elsewhere("g"))
    assert other.run.pause
    assert (other.run.pause.operator, other.run.pause.reason) == ("ada", "waiting for the vendor")
    await walk.course.go_on()
    with pytest.raises(RunError, match="is not paused"):
        await walk.course.go_on()
    await take(walk, "one")
    assert diary.lines == ["one"]


async def test_a_command_that_runs_goes_on_through_a_pause_and_its_end_is_recorded(
    desk: Desk, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script = f"echo on; while [ ! -e {gate} ]; do sleep 0.02; done"
    walk = await desk.start(procedure(step(commands=command(script))))
    progress = walk.execute("one")
    assert await told_first(progress) == OutputArrived("on\n")
    await walk.course.pause("the pager rings")
    gate.touch()
    async for _ in progress:
        pass
    assert walk.run.steps[0].status is StepStatus.PASSED
    assert walk.run.is_open, "a paused run does not end by itself"
    await walk.course.go_on()
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_a_confirmation_does_not_outlive_a_pause(desk: Desk, diary: Diary) -> None:
    """What was confirmed before may be another thing after it: preconditions are judged anew."""
    walk = await desk.start(procedure(diary.change("one")))
    await walk.confirm("one")
    await walk.course.pause("wait")
    await walk.course.go_on()
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk)
    assert diary.lines == []


async def test_a_paused_run_can_be_aborted_and_noted_on(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("true"))))
    await walk.course.pause("wait")
    await walk.course.note("the vendor does not answer")
    await walk.course.abort("nobody answers")
    assert walk.run.outcome is RunOutcome.ABORTED
    assert walk.run.pause is None
    assert walk.run.reason == "nobody answers"


async def test_a_run_that_was_handed_over_is_taken_up_by_the_other_without_a_question(
    desk: Desk, diary: Diary
) -> None:
    walk = await desk.start(procedure(diary.change("one")))
    await walk.confirm("one")
    await walk.course.hand_over(" grace ", "I have to leave")
    assert walk.run.driver == Driver(operator="grace")
    with pytest.raises(RunError, match="was handed over to grace"):
        await execute(walk)
    third = await desk.resume(walk.run.id, walk.procedure, operator="ada", console=elsewhere("a"))
    assert not third.drives
    there = await desk.resume(
        walk.run.id, walk.procedure, operator="grace", console=elsewhere("grace")
    )
    assert there.drives
    with pytest.raises(RunError, match="not confirmed"):
        await execute(there)
    await take(there, "one")
    events = desk.ledger.events(subject=walk.run.id)
    assert [(event.kind, event.operator) for event in events] == [
        ("run.started", "ada"),
        ("step.confirmed", "ada"),
        ("run.handed-over", "ada"),
        ("run.taken", "grace"),
        ("step.confirmed", "grace"),
        ("step.started", "grace"),
        ("step.finished", "grace"),
        ("run.completed", "grace"),
    ]
    assert events[2].body == {"to": "grace", "note": "I have to leave"}


async def test_only_who_drives_hands_over(desk: Desk) -> None:
    walk = await desk.start(procedure(step(prose="p")))
    with pytest.raises(RunError, match="Name the operator"):
        await walk.course.hand_over("")
    other = await desk.resume(walk.run.id, walk.procedure, operator="grace", console=elsewhere("g"))
    with pytest.raises(RunError, match=rf"ada drives run .* from process {os.getpid()}"):
        await other.course.hand_over("grace")


async def test_a_run_begins_at_a_chosen_step_and_records_those_that_it_skipped(
    desk: Desk, diary: Diary
) -> None:
    document = procedure(diary.change("one"), diary.change("two"), diary.change("three"))
    with pytest.raises(RunError, match="Say why"):
        await desk.start(document, begin_at="three")
    with pytest.raises(RunError, match="has no step four"):
        await desk.start(document, begin_at="four", reason="r")
    assert open_runs(desk.ledger, "staging-eu") == ()
    walk = await desk.start(document, begin_at="three", reason="done by hand at 03:00")
    assert [(each.status, each.reason) for each in walk.run.steps] == [
        (StepStatus.SKIPPED, "done by hand at 03:00"),
        (StepStatus.SKIPPED, "done by hand at 03:00"),
        (StepStatus.PENDING, ""),
    ]
    with pytest.raises(RunError, match="not next"):
        await walk.confirm("one")
    await take(walk, "three")
    assert diary.lines == ["three"]
    assert run_of(desk.ledger, walk.run.id) == walk.run


async def test_no_secret_input_gets_into_the_record_by_any_word(desk: Desk, tmp_path: Path) -> None:
    """Whatever an operator writes may repeat what they have just typed."""
    document = procedure(
        step("one", commands=command("true")),
        step("two", commands=command('echo "$pass"; exit 1', Level.CHANGE)),
        step("three", commands=command("true")),
        **{"pass": Input(name="pass", secret=True)},
    )
    secret = "swordfish-9000"  # noqa: S105 - what must not be found
    said = f"they told me {secret} on the phone"
    walk = await desk.start(document, {"pass": secret}, begin_at="two", reason=said)
    (tmp_path / f"log-{secret}.txt").write_text(f"login with {secret}\n")
    await walk.course.note(said, evidence=tmp_path / f"log-{secret}.txt")
    await walk.course.pause(said)
    await walk.course.go_on()
    record = await take(walk, "two")
    assert record.status is StepStatus.FAILED
    assert await walk.output("two") == "••••\n"
    await walk.skip("two", said)
    await walk.skip("three", said)
    assert walk.run.outcome is RunOutcome.COMPLETED
    other = await desk.start(document, {"pass": secret})
    await other.course.hand_over("grace", said)
    await other.course.take_over(said)
    await other.course.abort(said)
    stored = b"".join(
        path.read_bytes() + os.fsencode(path)
        for path in desk.state_dir.rglob("*")
        if path.is_file()
    )
    assert b"they told me" in stored
    assert secret.encode() not in stored


async def test_a_note_goes_with_a_copy_of_its_evidence(desk: Desk, tmp_path: Path) -> None:
    walk = await desk.start(procedure(step(prose="p")))
    shot = tmp_path / "shot.png"
    shot.write_bytes(b"\x89PNG\0")
    with pytest.raises(RunError, match="nothing was said"):
        await walk.course.note("", evidence=shot)
    await walk.course.note("the dashboard at 03:12", step_id="one", evidence=shot)
    (note,) = walk.run.notes
    copy = desk.state_dir / "runs" / walk.run.id / "evidence" / note.evidence
    shot.unlink()
    assert note.sha256 == hashlib.sha256(copy.read_bytes()).hexdigest()
    assert (note.text, note.step, note.operator) == ("the dashboard at 03:12", "one", "ada")
    with pytest.raises(RunError, match="cannot be added"):
        await walk.course.note("gone", evidence=shot)
    assert len(walk.run.notes) == 1
    assert run_of(desk.ledger, walk.run.id) == walk.run


async def test_a_note_can_be_added_to_a_run_that_has_ended(desk: Desk) -> None:
    walk = await desk.start(procedure(step(prose="p")))
    await execute(walk)
    await walk.course.note("seen by the customer as well")
    assert walk.run.outcome is RunOutcome.COMPLETED
    assert len(walk.run.notes) == 1


async def test_a_failed_step_is_retried_whole_and_confirmed_anew(desk: Desk, diary: Diary) -> None:
    script = f"{diary.writes('try')}; test $(wc -l < {diary.path}) = 2"
    walk = await desk.start(procedure(step(commands=command(script, Level.CHANGE))))
    assert (await take(walk, "one")).status is StepStatus.FAILED
    await walk.retry("one")
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk)
    assert (await take(walk, "one")).attempt == 2
    assert diary.lines == ["try", "try"]
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_an_ended_run_takes_no_turn_but_notes_and_the_way_back(
    desk: Desk, diary: Diary
) -> None:
    walk = await desk.start(procedure(diary.change("one"), diary.change("two")))
    await take(walk, "one")
    await walk.course.abort("enough")
    for turn in (
        walk.confirm("two"),
        walk.skip("two", "r"),
        execute(walk, "two"),
        walk.course.pause("r"),
        walk.course.go_on(),
        walk.course.hand_over("grace"),
        walk.course.abort("r"),
    ):
        with pytest.raises(RunError, match="is aborted"):
            await turn
    assert diary.lines == ["one"]
    assert open_runs(desk.ledger, "staging-eu") == ()


class Telling(ScriptedChecks):
    """Checks that tell more of what they saw than they should."""

    async def check(
        self,
        assertion: Assertion,
        variables: Mapping[str, str],
        *,
        since: datetime | None = None,
    ) -> CheckResult:
        result = await super().check(assertion, variables, since=since)
        return replace(result, detail=f"asked with {variables['word']}")


async def test_what_a_precondition_saw_is_recorded_and_shown_without_secrets(desk: Desk) -> None:
    document = procedure(
        step(commands=command("true", Level.CHANGE), preconditions=(HEALTHY,)),
        word=Input(name="word", secret=True),
    )
    walk = await desk.start(document, {"word": "swordfish-9000"}, checks=Telling(False))
    (result,) = await walk.preconditions("one")
    assert result.detail == "asked with ••••"
    with pytest.raises(RunError, match="asked with ••••"):
        await walk.confirm("one")
    await walk.confirm("one", override="it answers swordfish-9000")
    (overridden,) = desk.ledger.events(subject=walk.run.id, kind_prefix="step.overridden")
    assert "swordfish" not in json.dumps(dict(overridden.body))


async def test_a_secret_that_no_run_keeps_is_given_once_more(desk: Desk) -> None:
    document = procedure(
        step(commands=command('test "$word" = swordfish-9000')),
        word=Input(name="word", secret=True),
    )
    walk = await desk.start(document, {"word": "swordfish-9000"})
    again = await desk.resume(walk.run.id, document)
    assert again.secrets_missing == ("word",)
    with pytest.raises(RunError, match="step one needs word, which no run keeps"):
        await execute(again)
    again = await desk.resume(walk.run.id, document, secrets={"word": "swordfish-9000"})
    assert again.secrets_missing == ()
    _, record = await execute(again)
    assert record.status is StepStatus.PASSED


async def test_nobody_slips_another_value_under_a_recorded_input(desk: Desk) -> None:
    """What is shown before a command runs is what it gets."""
    document = procedure(
        step(commands=command('echo "$n"')), n=Input(name="n"), word=Input(name="word", secret=True)
    )
    walk = await desk.start(document, {"n": "1", "word": "swordfish-9000"})
    again = await desk.resume(
        walk.run.id, document, secrets={"n": "2", "PATH": "/nowhere", "word": "x"}
    )
    output, _ = await execute(again)
    assert output == "1\n"


async def test_a_run_that_cannot_be_understood_holds_up_no_other_procedure(desk: Desk) -> None:
    walk = await desk.start(procedure(step(prose="p")))
    desk.ledger.append(
        Draft(
            kind="step.invented",
            subject=walk.run.id,
            environment="staging-eu",
            operator="ada",
            body={"step": "one"},
        )
    )
    other = replace(procedure(step(prose="p")), id="another")
    await execute(await desk.start(other))
    assert open_requests(desk.ledger, "staging-eu", datetime.now(UTC)) == ()
    with pytest.raises(RunError, match=r"a run knows no step\.invented"):
        await desk.start(walk.procedure)
    await desk.start(walk.procedure, insist=True)
