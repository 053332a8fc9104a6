"""Commands that stay behind while the next steps are taken."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.run.effects import effects_of
from procedures.execution.run.run import RunOutcome, StepRecord, StepStatus
from procedures.execution.walking.walk import Walk
from procedures.reference.levels import Level
from procedures.runbook.model import Command, Step
from tests.integration.execution.desk import (
    Desk,
    Diary,
    Gate,
    command,
    elsewhere,
    execute,
    procedure,
    step,
    take,
    until,
)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary")


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


def behind(script: str, level: Level = Level.READ) -> tuple[Command, ...]:
    return (replace(command(script, level)[0], background=True),)


async def until_ended(walk: Walk, step_id: str = "tunnel") -> StepRecord:
    """Look until the command's end is recorded."""
    async with asyncio.timeout(60):
        while True:
            await walk.refresh()
            record = walk.run.step(step_id)
            assert record
            if not record.runs_behind:
                return record
            await asyncio.sleep(0.02)


def tunnel(gate: Gate, then: str = "true", level: Level = Level.READ) -> Step:
    return step("tunnel", commands=behind(gate.holds(then), level))


async def test_the_run_goes_on_while_the_command_stays_behind_and_its_end_is_recorded(
    desk: Desk, diary: Diary, gate: Gate
) -> None:
    walk = await desk.start(procedure(tunnel(gate, diary.writes("end")), diary.change("one")))
    record = await take(walk, "tunnel")
    assert record.status is StepStatus.PASSED
    assert [each.id for each in walk.run.behind] == ["tunnel"]
    await take(walk, "one")
    assert walk.run.current is None
    assert walk.run.is_open, "a run does not end while something of it runs"
    assert diary.lines == ["one"]
    gate.open()
    ended = await until_ended(walk)
    assert (ended.exit_code, ended.status) == (0, StepStatus.PASSED)
    assert diary.lines == ["one", "end"]
    assert walk.run.outcome is RunOutcome.COMPLETED
    assert await walk.output("tunnel") == "on\n"
    kinds = desk.kinds(walk)
    assert kinds.count("step.left-running") == kinds.count("background.finished") == 1
    assert kinds.index("step.left-running") < kinds.index("background.finished")


async def test_a_command_behind_is_stopped_from_the_list(desk: Desk, gate: Gate) -> None:
    walk = await desk.start(procedure(tunnel(gate), step("two", prose="p")))
    await execute(walk, "tunnel")
    other = await desk.resume(walk.run.id, walk.procedure, operator="grace", console=elsewhere("g"))
    with pytest.raises(RunError, match="ada drives run"):
        await other.cancel("tunnel")
    await walk.cancel("tunnel")
    ended = await until_ended(walk)
    assert ended.reason == "it was cancelled"
    assert walk.run.current
    assert walk.run.current.id == "two", "the step that is next is not given up"
    with pytest.raises(RunError):
        await walk.cancel("nothing")
    await execute(walk, "two")
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_a_run_is_neither_aborted_nor_undone_under_a_command_that_runs_behind(
    desk: Desk, diary: Diary, gate: Gate
) -> None:
    document = procedure(
        replace(tunnel(gate, level=Level.CHANGE), undo=command(diary.writes("undo"), Level.CHANGE)),
        diary.change("one", "undo-one"),
    )
    walk = await desk.start(document)
    await take(walk, "tunnel")
    await take(walk, "one")
    with pytest.raises(RunError, match="still run in the background: tunnel"):
        await walk.course.abort("enough")
    with pytest.raises(RunError, match="still run in the background: tunnel"):
        await walk.course.go_back("wrong")
    await walk.course.go_back("only this", only=["one"], goes_on=True)
    await take(walk, "undo:one:1.1")
    await walk.cancel("tunnel")
    await until_ended(walk)
    (effect,) = [each for each in effects_of(walk.run) if each.step_id == "tunnel"]
    assert effect.standing.value == "may stand", "it was stopped in the middle"
    await walk.course.abort("enough")
    assert walk.run.outcome is RunOutcome.ABORTED


async def test_the_end_of_a_command_is_recorded_by_whichever_console_sees_it(
    desk: Desk, gate: Gate
) -> None:
    walk = await desk.start(procedure(tunnel(gate, "exit 3"), step("two", prose="p")))
    await execute(walk, "tunnel")
    other = await desk.resume(walk.run.id, walk.procedure, operator="grace", console=elsewhere("g"))
    gate.open()
    ended = await asyncio.gather(until_ended(walk), until_ended(other))
    assert [each.exit_code for each in ended] == [3, 3]
    assert ended[0].reason == "it ended with exit status 3"
    assert desk.kinds(walk).count("background.finished") == 1


async def test_an_end_while_no_console_was_open_is_recorded_on_resuming(
    desk: Desk, diary: Diary, gate: Gate
) -> None:
    walk = await desk.start(procedure(tunnel(gate, diary.writes("end"))))
    await take(walk, "tunnel")
    gate.open()
    folder = Path(walk.run.steps[0].folder)
    await until((folder / "status.json").exists)
    again = await desk.resume(walk.run.id, walk.procedure)
    await until_ended(again)
    assert again.run.outcome is RunOutcome.COMPLETED


async def test_a_command_behind_whose_supervisor_was_killed_is_known_to_be_lost(
    desk: Desk, gate: Gate
) -> None:
    walk = await desk.start(
        procedure(
            step("tunnel", commands=behind(f"echo $PPID; {gate.holds()}")), step("two", prose="p")
        )
    )
    await execute(walk, "tunnel")
    output = Path(walk.run.steps[0].folder) / "output"
    await until(lambda: output.exists() and output.read_text().endswith("on\n"))
    os.kill(int((await walk.output("tunnel")).split()[0]), signal.SIGKILL)
    ended = await until_ended(walk)
    gate.open()
    assert ended.exit_code is None
    assert "supervisor is gone" in ended.reason


async def test_a_command_that_ends_at_once_has_been_left_running_all_the_same(desk: Desk) -> None:
    walk = await desk.start(procedure(step("tunnel", commands=behind("exit 4"))))
    await execute(walk, "tunnel")
    ended = await until_ended(walk)
    assert (ended.status, ended.exit_code) == (StepStatus.PASSED, 4)
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_a_step_whose_checks_failed_is_not_retried_beside_its_own_command(
    desk: Desk, gate: Gate
) -> None:
    """Two of them would be there afterwards."""
    expecting = replace(tunnel(gate), expect=("never printed",))
    walk = await desk.start(procedure(expecting))
    _, record = await execute(walk, "tunnel")
    assert record.status is StepStatus.FAILED
    with pytest.raises(RunError, match="still runs in the background"):
        await walk.retry("tunnel")
    await walk.cancel("tunnel")
    await until_ended(walk)
    await walk.retry("tunnel")
    assert walk.run.current
    assert walk.run.current.attempt == 2


async def test_what_undoes_is_waited_for_even_if_the_document_would_leave_it_behind(
    desk: Desk, diary: Diary, gate: Gate
) -> None:
    """Nothing is said to be undone while its undo command still runs."""
    document = procedure(
        replace(diary.change("one"), undo=behind(gate.holds(diary.writes("undo")), Level.CHANGE))
    )
    walk = await desk.start(document)
    await take(walk, "one")
    await walk.course.go_back("wrong")
    undoing = asyncio.create_task(take(walk, "undo:one:1.1"))
    await until(lambda: walk.run.path[0].command_runs)
    assert walk.run.steps[0].status is StepStatus.PASSED
    gate.open()
    await undoing
    assert walk.run.outcome is RunOutcome.ROLLED_BACK
    assert diary.lines == ["one", "undo"]
