"""Many consoles that all want to drive one run: nothing is done twice, and the record is sound."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from procedures.errors import RunError
from procedures.execution.run.fold import evolve, fold
from procedures.execution.run.run import RunOutcome, Stage, StepStatus
from procedures.execution.walking.walk import Walk
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.integration.execution.desk import Desk, Diary, elsewhere, procedure
from tests.unit.execution.soundness import require_sound

STEPS = ("one", "two", "three", "four")


@pytest.mark.parametrize("seed", range(4))
async def test_whoever_wins_each_command_runs_once_and_by_who_confirmed_it(
    desk: Desk, tmp_path: Path, seed: int
) -> None:
    """Each console has the file open itself, as consoles in processes of their own do."""
    diary = Diary(tmp_path / "diary")
    document = procedure(*(diary.change(name, f"undo-{name}") for name in STEPS))
    walk = await desk.start(document, console=elsewhere("first"))
    desks = [Desk(desk.state_dir) for _ in range(3)]
    consoles = [
        await each.resume(
            walk.run.id,
            document,
            operator="ada" if number % 2 else "grace",
            console=elsewhere(f"console-{number}"),
        )
        for number, each in enumerate(desks)
    ]
    async with asyncio.timeout(120):
        await asyncio.gather(
            *(
                _insist(console, Random(seed * 100 + number))
                for number, console in enumerate(consoles)
            )
        )
    for each in desks:
        each.ledger.close()
    _require_told_once(desk.ledger, walk.run.id, diary)


async def _insist(walk: Walk, random: Random) -> None:
    """Take the run over again and again and take its next step, until it has ended."""
    while walk.run.is_open:
        try:
            await _take_a_turn(walk, random)
        except RunError:
            await walk.refresh()


async def _take_a_turn(walk: Walk, random: Random) -> None:
    if not walk.drives and random.random() < 0.3:
        await walk.course.take_over("it takes too long")
    if random.random() < 0.3:
        await walk.course.note("still here")
    step = walk.run.current
    if step is None or (step.status is not StepStatus.RUNNING and not walk.drives):
        await walk.follow(timeout_s=random.random() / 10)
        return
    if not walk.drives:
        async for _ in walk.watch(step.id):
            pass
        await walk.refresh()
        return
    if step.status is StepStatus.FAILED:
        await walk.retry(step.id)
    elif step.status is StepStatus.PENDING:
        await walk.confirm(step.id)
        await asyncio.sleep(random.random() / 100)
        async for _ in walk.execute(step.id):
            pass
    else:
        async for _ in walk.execute(step.id):
            pass


def _require_told_once(ledger: SqliteLedger, run_id: str, diary: Diary) -> None:
    assert diary.lines == list(STEPS)
    events = ledger.events(subject=run_id)
    run = fold(events[:1])
    confirmed_by = ""
    for event in events[1:]:
        after = evolve(run, event)
        require_sound(run, after, event)
        if event.kind == "step.confirmed":
            confirmed_by = event.operator
        if event.kind == "step.started":
            assert event.operator == confirmed_by == run.driver.operator
        run = after
    assert run.outcome is RunOutcome.COMPLETED
    assert [event.kind for event in events].count("step.started") == len(STEPS)
    assert all(Stage.COMMAND not in step.remaining for step in run.steps)
    assert ledger.verify().broken_at is None
