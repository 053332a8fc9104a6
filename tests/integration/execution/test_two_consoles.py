"""Several consoles on one run: one drives, the others follow, and changing that is recorded."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.command import supervision
from procedures.execution.command.supervision import CommandSpec
from procedures.execution.record.console_names import where
from procedures.execution.record.runs import open_runs
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.execution.walking.progress import OutputArrived, Progress
from procedures.execution.walking.walk import Walk
from procedures.ledger.event import Draft
from procedures.reference.levels import Level
from tests.integration.execution.desk import (
    Desk,
    Diary,
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


async def at_grace(desk: Desk, walk: Walk) -> Walk:
    """Open the run at the console of another operator."""
    return await desk.resume(
        walk.run.id, walk.procedure, operator="grace", console=elsewhere("grace")
    )


async def test_who_took_a_run_over_decides_and_the_earlier_console_does_not(
    desk: Desk, diary: Diary
) -> None:
    walk = await desk.start(procedure(diary.change("one")))
    other = await at_grace(desk, walk)
    with pytest.raises(RunError, match="ada drives run"):
        await other.confirm("one")
    with pytest.raises(RunError, match="Say why"):
        await other.course.take_over(" ")
    await other.course.take_over("ada does not answer the phone")
    assert other.drives
    with pytest.raises(RunError, match="another console has moved run"):
        await walk.confirm("one")
    assert not walk.drives
    with pytest.raises(RunError, match=r"grace drives run .* from process grace on bastion-2"):
        await walk.confirm("one")
    await take(other, "one")
    taken = desk.ledger.events(subject=walk.run.id, kind_prefix="run.taken")
    assert [(event.operator, event.body["reason"]) for event in taken] == [
        ("grace", "ada does not answer the phone")
    ]
    assert diary.lines == ["one"]


async def test_what_one_operator_confirmed_another_does_not_execute(
    desk: Desk, diary: Diary
) -> None:
    walk = await desk.start(procedure(diary.change("one")))
    await walk.confirm("one")
    other = await at_grace(desk, walk)
    assert other.run.steps[0].status is StepStatus.CONFIRMED
    await other.course.take_over("urgent")
    with pytest.raises(RunError, match="not confirmed"):
        await execute(other)
    with pytest.raises(RunError, match=r"another console|drives run"):
        await execute(walk)
    assert diary.lines == []


async def test_a_console_that_follows_cannot_stop_or_answer_the_command(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("echo on; sleep 600"))))
    progress = walk.execute("one")
    assert await told_first(progress) == OutputArrived("on\n")
    other = await at_grace(desk, walk)
    for turn in (other.cancel("one"), other.type_keys("one", b"y\n")):
        with pytest.raises(RunError, match="ada drives run"):
            await turn
    await other.resize("one", 10, 20)  # the size of its own terminal is nobody else's matter
    await other.course.take_over("it must stop")
    await other.cancel("one")
    async with asyncio.timeout(60):
        async for _ in progress:
            pass
    assert walk.run.steps[0].reason == "it was cancelled"


async def test_a_console_follows_live_what_another_one_does(desk: Desk, diary: Diary) -> None:
    document = procedure(diary.change("one"), diary.change("two"))
    walk = await desk.start(document)
    other = await at_grace(desk, walk)
    seen = [other.run]

    async def follow() -> None:
        while other.run.is_open:
            if await other.follow(timeout_s=5):
                seen.append(other.run)

    async with asyncio.timeout(60):
        following = asyncio.create_task(follow())
        await take(walk, "one")
        await take(walk, "two")
        await following
    assert seen[-1] == walk.run
    assert len(seen) > 2
    assert seen[-1].outcome is RunOutcome.COMPLETED


async def test_what_happens_to_other_runs_is_not_news_of_this_one(desk: Desk) -> None:
    walk = await desk.start(procedure(step(prose="p")))
    busy = await desk.start(procedure(step(prose="p")), insist=True)
    for _ in range(3):
        await busy.course.note("something")
        assert not await walk.follow(timeout_s=0.01)
    before = walk.run
    assert not await walk.follow(timeout_s=0.01)
    assert walk.run is before, "nothing is read again when nothing was recorded"
    other = await at_grace(desk, walk)
    async with asyncio.timeout(60):
        following = asyncio.create_task(walk.follow(timeout_s=60))
        await other.course.note("here")
        assert await following
    assert walk.run.notes[0].text == "here"


async def test_an_operator_goes_on_where_their_own_dead_console_left_off(
    desk: Desk, diary: Diary
) -> None:
    async with _console_of(desk, "ada", diary) as (process, run_id):
        document = procedure(diary.change("one"))
        following = await desk.resume(run_id, document)
        assert not following.drives, "the other console of the same operator still lives"
        assert following.run.driver.console.split("/")[1] == str(process.pid)
        process.kill()
        await process.wait()
        resumed = await desk.resume(run_id, document)
        assert resumed.drives
        with pytest.raises(RunError, match="not confirmed"):
            await execute(resumed)
        await take(resumed, "one")
    taken = desk.ledger.events(subject=run_id, kind_prefix="run.taken")
    assert [event.body["reason"] for event in taken] == ["its console has ended"]
    assert diary.lines == ["one"]


async def test_the_dead_console_of_somebody_else_has_to_be_taken_over(
    desk: Desk, diary: Diary
) -> None:
    async with _console_of(desk, "grace", diary) as (process, run_id):
        process.kill()
        await process.wait()
        document = procedure(diary.change("one"))
        following = await desk.resume(run_id, document)
        assert not following.drives
        with pytest.raises(RunError, match="grace drives run"):
            await following.confirm("one")
        await following.course.take_over("grace's machine is down")
        await take(following, "one")
    assert diary.lines == ["one"]


async def test_of_a_console_on_another_machine_nobody_assumes_that_it_is_dead(desk: Desk) -> None:
    walk = await desk.start(procedure(step(prose="p")), console=elsewhere("ada"))
    again = await desk.resume(walk.run.id, walk.procedure)
    assert not again.drives
    assert where(again.run.driver.console) == "process ada on bastion-2"


async def test_two_consoles_that_take_up_a_run_at_once_do_not_both_drive(desk: Desk) -> None:
    walk = await desk.start(procedure(step(prose="p")))
    await walk.course.hand_over("grace")
    taken = await asyncio.gather(
        *(
            desk.resume(
                walk.run.id, walk.procedure, operator="grace", console=elsewhere(f"grace-{n}")
            )
            for n in range(4)
        )
    )
    assert sum(each.drives for each in taken) == 1
    assert desk.kinds(walk).count("run.taken") == 1


async def test_of_consoles_in_several_processes_one_begins_the_run(
    desk: Desk, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    program = BEGIN.format(root=ROOT, state=str(desk.state_dir), gate=str(gate))
    consoles = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    async with asyncio.timeout(60):
        for each in consoles:
            assert each.stdout
            assert await each.stdout.readline() == b"ready\n"
        gate.touch()
        said = [(await each.communicate())[0].decode() for each in consoles]
    assert sorted(each.split()[0] for each in said) == ["begun", "refused", "refused"]
    assert len(open_runs(desk.ledger, "staging-eu")) == 1


ROOT = str(Path(__file__).parents[3])

BEGIN = """
import asyncio, os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from procedures.errors import RunError
from tests.integration.execution.desk import Desk, procedure, step

async def main():
    desk = Desk(Path({state!r}))
    print("ready", flush=True)
    while not os.path.exists({gate!r}):
        pass
    try:
        await desk.start(procedure(step(prose="p")))
        print("begun")
    except RunError as error:
        print("refused", error)

asyncio.run(main())
"""

HOLD = """
import asyncio, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from procedures.reference.levels import Level
from tests.integration.execution.desk import Desk, Diary, procedure

async def main():
    desk = Desk(Path({state!r}))
    document = procedure(Diary(Path({diary!r})).change("one"))
    walk = await desk.start(document, operator={operator!r})
    await walk.confirm("one")
    print(walk.run.id, flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@asynccontextmanager
async def _console_of(
    desk: Desk, operator: str, diary: Diary
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Keep a console of that operator open that has begun a run and confirmed its first step."""
    program = HOLD.format(
        root=ROOT, state=str(desk.state_dir), operator=operator, diary=str(diary.path)
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        async with asyncio.timeout(60):
            yield process, (await process.stdout.readline()).decode().strip()
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()


async def test_a_console_that_follows_looks_at_everything_and_executes_nothing(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("true", Level.DESTRUCTIVE))))
    other = await at_grace(desk, walk)
    assert other.prepare("one").level is Level.DESTRUCTIVE
    with pytest.raises(RunError, match="ada drives run"):
        await execute(other)
    assert not list((desk.state_dir / "runs" / walk.run.id).glob("one-*")), "nothing is laid out"


async def test_a_console_that_follows_leaves_a_command_alone_that_is_about_to_be_started(
    desk: Desk,
) -> None:
    """Between the record of a start and the process lies a moment, in which others may look."""
    walk = await desk.start(procedure(step(commands=command("echo on"))))
    folder = desk.state_dir / "runs" / walk.run.id / "one-1"
    spec = CommandSpec(argv=["bash", "-c", "echo on"], cwd="/", timeout_s=30)
    supervision.lay_out(folder, spec)
    body = {
        "step": "one",
        "level": "read",
        "binding": walk.prepare("one").binding,
        "folder": str(folder),
        "host": socket.gethostname(),
    }
    desk.ledger.append(
        Draft(
            kind="step.started",
            subject=walk.run.id,
            environment="staging-eu",
            operator="ada",
            body=body,
        )
    )
    other = await at_grace(desk, walk)
    assert other.run.steps[0].status is StepStatus.RUNNING

    async def watched() -> list[Progress]:
        return [progress async for progress in other.watch("one")]

    async with asyncio.timeout(60):
        watching = asyncio.create_task(watched())
        await asyncio.to_thread(supervision.launch, folder, env={"PATH": os.environ["PATH"]})
        assert await watching == [OutputArrived("on\n")]
    assert other.run.steps[0].is_over
