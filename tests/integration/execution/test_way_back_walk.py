"""What a run did is undone, the last first, each as carefully as it was done."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.errors import RunError
from procedures.execution.record.runs import open_runs, run_of
from procedures.execution.run.effects import Standing, effects_of, standing_effects
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.execution.walking.walk import Walk
from procedures.reference.levels import Level
from procedures.runbook.model import Procedure
from procedures.runbook.parser import parse
from tests.integration.execution.desk import (
    Desk,
    Diary,
    ScriptedChecks,
    command,
    elsewhere,
    execute,
    procedure,
    step,
    take,
)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary")


def standing(walk: Walk) -> dict[str, str]:
    return {effect.step_id: effect.standing.value for effect in effects_of(walk.run)}


async def all_the_way(walk: Walk) -> None:
    """Confirm and execute what is left of the path."""
    while walk.run.is_open and walk.run.current:
        await take(walk, walk.run.current.id)


def three(diary: Diary) -> Procedure:
    return procedure(
        step("zero", commands=command("true")),
        diary.change("one", "undo-one"),
        diary.change("two", "undo-two-a", "undo-two-b"),
        diary.change("three", "undo-three"),
    )


async def at_three(desk: Desk, diary: Diary) -> Walk:
    walk = await desk.start(three(diary))
    await execute(walk, "zero")
    await take(walk, "one")
    await take(walk, "two")
    return walk


async def test_what_was_done_is_undone_the_last_first_and_each_is_confirmed(
    desk: Desk, diary: Diary
) -> None:
    walk = await at_three(desk, diary)
    assert standing(walk) == {"one": "stands", "two": "stands"}
    await walk.course.abort("it is the wrong cluster")
    with pytest.raises(RunError, match="Say why"):
        await walk.course.go_back("")
    await walk.course.go_back("it is the wrong cluster")
    assert walk.run.is_open
    assert [each.id for each in walk.run.path] == ["undo:two:1.1", "undo:two:1.2", "undo:one:1.1"]
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk, "undo:two:1.1")
    with pytest.raises(RunError, match="not next"):
        await walk.confirm("undo:one:1.1")
    await take(walk, "undo:two:1.1")
    assert standing(walk) == {"one": "stands", "two": "may stand"}
    await take(walk, "undo:two:1.2")
    assert standing(walk) == {"one": "stands", "two": "undone"}
    await take(walk, "undo:one:1.1")
    assert diary.lines == ["one", "two", "undo-two-a", "undo-two-b", "undo-one"]
    assert walk.run.outcome is RunOutcome.ROLLED_BACK
    assert walk.run.reason == "it is the wrong cluster"
    assert standing_effects(walk.run) == ()
    assert [each.status for each in walk.run.steps] == [
        StepStatus.PASSED,
        StepStatus.UNDONE,
        StepStatus.UNDONE,
        StepStatus.PENDING,
    ]
    assert desk.kinds(walk).count("step.confirmed") == 5
    assert run_of(desk.ledger, walk.run.id) == walk.run
    with pytest.raises(RunError, match="no undo command"):
        await walk.course.go_back("once more")


async def test_what_failed_is_undone_too_for_nobody_knows_how_far_it_came(
    desk: Desk, diary: Diary
) -> None:
    document = procedure(
        diary.change("one", "undo-one"),
        replace(
            diary.change("two", "undo-two"),
            commands=command(f"{diary.writes('half')}; false", Level.CHANGE),
        ),
    )
    walk = await desk.start(document)
    await take(walk, "one")
    assert (await take(walk, "two")).status is StepStatus.FAILED
    assert standing(walk) == {"one": "stands", "two": "may stand"}
    await walk.course.go_back("it failed")
    await all_the_way(walk)
    assert diary.lines == ["one", "half", "undo-two", "undo-one"]
    assert walk.run.outcome is RunOutcome.ROLLED_BACK


async def test_a_run_that_goes_on_does_once_more_what_was_undone(desk: Desk, diary: Diary) -> None:
    walk = await at_three(desk, diary)
    await walk.course.go_back("the second one was early", only=["two"], goes_on=True)
    await take(walk, "undo:two:1.1")
    await take(walk, "undo:two:1.2")
    assert walk.run.is_open
    assert walk.run.current
    assert (walk.run.current.id, walk.run.current.attempt) == ("two", 2)
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk, "two")
    assert standing(walk) == {"one": "stands"}
    await all_the_way(walk)
    assert diary.lines == ["one", "two", "undo-two-a", "undo-two-b", "two", "three"]
    assert standing(walk) == {"one": "stands", "two": "stands", "three": "stands"}
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_a_confirmation_from_before_the_way_back_counts_no_more(
    desk: Desk, diary: Diary
) -> None:
    walk = await at_three(desk, diary)
    await walk.confirm("three")
    await walk.course.go_back("stop", only=["one"], goes_on=True)
    await take(walk, "undo:one:1.1")
    await take(walk, "one")
    assert walk.run.current
    assert walk.run.current.id == "three"
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk, "three")


async def test_an_undo_that_fails_is_tried_again_or_left_out_and_the_effect_may_stand(
    desk: Desk, diary: Diary, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    undo = command(f"{diary.writes('try')}; test -e {gate}", Level.CHANGE)
    document = procedure(diary.change("one", "undo-one"), replace(diary.change("two"), undo=undo))
    walk = await desk.start(document)
    await take(walk, "one")
    await take(walk, "two")
    assert not walk.run.is_open
    await walk.course.go_back("wrong")
    assert (await take(walk, "undo:two:1.1")).status is StepStatus.FAILED
    assert standing(walk) == {"one": "stands", "two": "may stand"}
    await walk.retry("undo:two:1.1")
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk, "undo:two:1.1")
    assert (await take(walk, "undo:two:1.1")).status is StepStatus.FAILED
    with pytest.raises(RunError, match="needs a reason"):
        await walk.skip("undo:two:1.1", "")
    await walk.skip("undo:two:1.1", "the vendor does it")
    await all_the_way(walk)
    assert walk.run.outcome is RunOutcome.ROLLED_BACK
    assert standing(walk) == {"one": "undone", "two": "may stand"}
    assert walk.run.steps[1].status is StepStatus.PASSED, "nothing is claimed to be undone"
    gate.touch()
    await walk.course.go_back("the vendor did not")
    assert [each.id for each in walk.run.path] == ["undo:two:2.1"]
    await all_the_way(walk)
    assert standing(walk) == {"one": "undone", "two": "undone"}
    assert diary.lines == ["one", "two", "try", "try", "undo-one", "try"]


async def test_a_way_back_can_be_given_up_and_taken_once_more(desk: Desk, diary: Diary) -> None:
    walk = await at_three(desk, diary)
    await walk.course.go_back("wrong")
    await take(walk, "undo:two:1.1")
    await walk.course.abort("the phone rings")
    assert walk.run.outcome is RunOutcome.ABORTED
    assert standing(walk) == {"one": "stands", "two": "may stand"}
    assert open_runs(desk.ledger, "staging-eu") == ()
    await walk.course.go_back("the phone is silent")
    assert open_runs(desk.ledger, "staging-eu") == (walk.run,)
    await all_the_way(walk)
    assert diary.lines[2:] == ["undo-two-a", "undo-two-a", "undo-two-b", "undo-one"]
    assert standing_effects(walk.run) == ()


async def test_an_interrupted_way_back_is_taken_up_at_its_very_step(
    desk: Desk, diary: Diary
) -> None:
    walk = await at_three(desk, diary)
    await walk.course.go_back("wrong")
    await take(walk, "undo:two:1.1")
    await walk.confirm("undo:two:1.2")
    again = await desk.resume(walk.run.id, walk.procedure)
    assert again.run.current
    assert again.run.current.id == "undo:two:1.2"
    assert again.run.current.status is StepStatus.PENDING, "its confirmation has lapsed"
    await all_the_way(again)
    assert diary.lines[2:] == ["undo-two-a", "undo-two-b", "undo-one"]
    assert again.run.outcome is RunOutcome.ROLLED_BACK


async def test_a_document_that_changed_is_undone_as_it_was(desk: Desk, diary: Diary) -> None:
    """The command that undoes is that of the text by which it was done, not of today's."""
    old = _written(diary, "undo-old")
    walk = await desk.start(old)
    await take(walk, "one")
    again = await desk.resume(walk.run.id, _written(diary, "undo-new"))
    assert again.document_changed
    await again.course.go_back("the document was wrong")
    (undo,) = again.run.path
    assert again.prepare(undo.id).script == diary.writes("undo-old")
    await take(again, undo.id)
    assert diary.lines == ["one", "undo-old"]
    assert again.run.outcome is RunOutcome.ROLLED_BACK


async def test_without_the_old_document_no_other_command_is_taken_for_its_undo(
    desk: Desk, diary: Diary
) -> None:
    walk = await desk.start(_written(diary, "undo-old"))
    await take(walk, "one")
    (kept,) = (desk.state_dir / "runs" / walk.run.id / "document").rglob("*.md")
    kept.write_text(kept.read_text().replace("undo-old", "undo-forged"))
    again = await desk.resume(walk.run.id, _written(diary, "undo-new"))
    assert again.course.way_back() == ()
    assert again.course.without_undo() == ("one",)
    with pytest.raises(RunError, match="as it was when the run began is not here"):
        await again.course.go_back("wrong")
    await walk.refresh()
    await walk.course.go_back("wrong")  # the console that began it still knows
    again = await desk.resume(walk.run.id, _written(diary, "undo-new"))
    with pytest.raises(RunError, match="as it was when the run began is not here"):
        await again.confirm("undo:one:1.1")
    assert diary.lines == ["one"]


def _written(diary: Diary, undo: str) -> Procedure:
    text = f"""---
id: cache-flush
title: Cache flush
theme: caches
summary: s
---

## Phase

### One

```sh {{level=change affects="the cache"}}
{diary.writes("one")}
```

```undo {{level=change affects="the cache"}}
{diary.writes(undo)}
```

### Two

- [ ] Tell the others
"""
    return parse(text, Path("caches/cache-flush.md"))


async def test_only_what_was_done_here_is_undone(desk: Desk, diary: Diary) -> None:
    """Not what was skipped, only read, or is undone otherwise under this deployment method."""
    undo_there = replace(
        command(diary.writes("kubectl"), Level.CHANGE)[0], methods=(Method.SYSTEMD,)
    )
    document = procedure(
        step("look", commands=command("true"), undo=command(diary.writes("undo-look"))),
        diary.change("skipped", "undo-skipped"),
        replace(diary.change("there"), undo=(undo_there,)),
        diary.change("one", "undo-one"),
        diary.change("later", "undo-later"),
    )  # fmt: skip
    walk = await desk.start(document)
    await execute(walk, "look")
    await walk.skip("skipped", "not here")
    await take(walk, "there")
    await take(walk, "one")
    assert walk.course.without_undo() == ("there",)
    await walk.course.go_back("wrong")
    assert [each.undoes for each in walk.run.path] == ["one"]
    await all_the_way(walk)
    assert standing(walk) == {"there": "stands", "one": "undone"}


async def test_no_way_back_begins_under_a_running_command_or_from_another_console(
    desk: Desk, diary: Diary
) -> None:
    walk = await at_three(desk, diary)
    other = await desk.resume(
        walk.run.id, walk.procedure, operator="grace", console=elsewhere("grace")
    )
    with pytest.raises(RunError, match="ada drives run"):
        await other.course.go_back("wrong")
    await walk.course.go_back("wrong", only=["one"])
    with pytest.raises(RunError, match="on its way back already"):
        await walk.course.go_back("wrong", only=["two"])


async def test_an_ended_run_is_not_opened_again_beside_another_one_of_its_procedure(
    desk: Desk, diary: Diary
) -> None:
    walk = await at_three(desk, diary)
    await walk.course.abort("enough")
    other = await desk.start(walk.procedure)
    with pytest.raises(RunError, match="ada has a run of cache-flush open here"):
        await walk.course.go_back("wrong")
    await walk.course.go_back("wrong", insist=True)
    assert {run.id for run in open_runs(desk.ledger, "staging-eu")} == {walk.run.id, other.run.id}


async def test_an_ended_run_whose_console_is_gone_goes_back_at_another(
    desk: Desk, diary: Diary
) -> None:
    walk = await desk.start(three(diary), console=f"{socket.gethostname()}/1/0")
    await execute(walk, "zero")
    await take(walk, "one")
    await walk.course.abort("enough")
    again = await desk.resume(walk.run.id, walk.procedure)
    await again.course.go_back("wrong")
    await all_the_way(again)
    assert diary.lines == ["one", "undo-one"]


async def test_a_rollback_procedure_takes_the_effects_of_another_run_back(
    desk: Desk, diary: Diary
) -> None:
    walk = await at_three(desk, diary)
    await walk.course.abort("wrong")
    undoing = replace(procedure(diary.change("back")), id="cache-restore")
    with pytest.raises(RunError, match="no such run"):
        await desk.start(undoing, rolls_back="nothing")
    other = await desk.start(undoing, rolls_back=walk.run.id)
    assert standing_effects(run_of(desk.ledger, walk.run.id))
    await take(other, "back")
    await walk.refresh()
    assert walk.run.undone_by == other.run.id
    assert standing(walk) == {"one": "undone", "two": "undone"}
    assert standing(other) == {"back": "stands"}


@pytest.mark.parametrize("how", ["skipped", "aborted"])
async def test_a_rollback_procedure_that_was_not_walked_takes_nothing_back(
    desk: Desk, diary: Diary, how: str
) -> None:
    walk = await at_three(desk, diary)
    await walk.course.abort("wrong")
    undoing = replace(procedure(diary.change("back")), id="cache-restore")
    other = await desk.start(undoing, rolls_back=walk.run.id)
    if how == "skipped":
        await other.skip("back", "no time")
        assert other.run.outcome is RunOutcome.COMPLETED
    else:
        await other.course.abort("no time")
    await walk.refresh()
    assert standing(walk) == {"one": "stands", "two": "stands"}


async def test_what_is_done_after_another_run_took_it_back_stands(desk: Desk, diary: Diary) -> None:
    walk = await at_three(desk, diary)
    undoing = replace(procedure(diary.change("back")), id="cache-restore")
    other = await desk.start(undoing, rolls_back=walk.run.id)
    await take(other, "back")
    await walk.refresh()
    await take(walk, "three")
    assert standing(walk) == {"one": "undone", "two": "undone", "three": "stands"}


async def test_a_run_says_at_any_moment_which_of_its_effects_stand(
    desk: Desk, diary: Diary
) -> None:
    document = procedure(diary.change("one", "undo-one"), diary.change("two"))
    walk = await desk.start(document, checks=ScriptedChecks(False))
    assert standing(walk) == {}
    await walk.confirm("one")
    assert standing(walk) == {}, "a confirmed command has done nothing yet"
    progress = walk.execute("one")
    await anext(progress)
    assert standing(walk) == {"one": "may stand"}
    async for _ in progress:
        pass
    assert standing(walk) == {"one": "stands"}
    levels = {effect.step_id: effect.level for effect in effects_of(walk.run)}
    assert levels == {"one": Level.CHANGE}
    assert Standing.STANDS in {effect.standing for effect in standing_effects(walk.run)}


async def test_an_effect_of_an_earlier_attempt_is_not_forgotten_by_a_retry(
    desk: Desk, diary: Diary
) -> None:
    script = f"{diary.writes('half')}; false"
    document = procedure(
        step("one", commands=command(script, Level.CHANGE), undo=command(diary.writes("undo")))
    )
    walk = await desk.start(document)
    await take(walk, "one")
    await walk.retry("one")
    assert standing(walk) == {"one": "may stand"}
    await walk.skip("one", "it cannot be done")
    assert standing(walk) == {"one": "may stand"}
    assert walk.run.outcome is RunOutcome.COMPLETED
    await walk.course.go_back("tidy up")
    await all_the_way(walk)
    assert diary.lines == ["half", "undo"]
    assert standing(walk) == {"one": "undone"}
