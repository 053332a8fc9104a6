"""A run whose record is a team's database, which may not answer in the middle of a step."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from procedures.clock import SystemClock
from procedures.errors import LedgerUnreachableError
from procedures.execution.record.station import Station
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.execution.walking.walk import Walk
from procedures.ledger.choose import open_ledger
from procedures.ledger.event import KEPT_AT, Ledger, happened_at
from procedures.ledger.outbox import Outbox
from procedures.ledger.postgres import line
from tests.integration.execution.desk import (
    Desk,
    Gate,
    command,
    elsewhere,
    execute,
    procedure,
    step,
    until_output,
)
from tests.integration.ledger.cutting_proxy import CuttingProxy
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres


class TeamDesk(Desk):
    """A machine whose ledger is in the server, reached through a proxy."""

    def __init__(self, state_dir: Path, server: PostgresServer, database: str) -> None:
        self.state_dir = state_dir
        self.proxy = CuttingProxy(server.port)
        address = server.address(database, port=self.proxy.port)
        self.ledger: Ledger = open_ledger(  # type: ignore[assignment]
            Path("unused"), address, clock=SystemClock()
        )
        self.outbox = Outbox(state_dir / "outbox.db")

    def station(self, **more: Any) -> Station:  # noqa: ANN401 - as the other desk
        return replace(super().station(**more), outbox=self.outbox)

    def cut_off(self) -> None:
        """Let nothing through any more."""
        self.proxy.hang_up()

    def back(self) -> None:
        self.proxy.closed = False

    def close(self) -> None:
        self.ledger.close()
        self.proxy.close()


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    return postgres.database()


@pytest.fixture
def desk(
    tmp_path: Path, postgres: PostgresServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TeamDesk]:
    monkeypatch.setattr(line, "REACH_S", 0.3)
    desk = TeamDesk(tmp_path / "ada", postgres, database)
    yield desk
    desk.close()


@pytest.fixture
def other_desk(
    tmp_path: Path, postgres: PostgresServer, database: str, desk: TeamDesk
) -> Iterator[TeamDesk]:
    other = TeamDesk(tmp_path / "grace", postgres, database)
    yield other
    other.close()


@pytest.fixture
async def lost(desk: TeamDesk, tmp_path: Path) -> Walk:
    """A walk whose command ended while the ledger did not answer."""
    gate = Gate(tmp_path / "gate")
    steps = (step(commands=command(gate.holds("echo off"))), step("two", commands=command("true")))
    walk = await desk.start(procedure(*steps))
    await until_output(walk)
    desk.cut_off()
    gate.open()
    output, record = await execute(walk)
    assert output.endswith("off\n")
    assert record.status is StepStatus.PASSED
    return walk


async def test_how_a_step_ended_is_kept_here_and_written_when_the_ledger_is_back(
    desk: TeamDesk, other_desk: TeamDesk, lost: Walk
) -> None:
    assert lost.unshared == 1
    assert len(desk.outbox.pending()) == 1
    assert other_desk.kinds(lost) == ["run.started", "step.started"]
    with pytest.raises(LedgerUnreachableError):
        await execute(lost, "two")
    desk.back()
    assert await lost.refresh()
    assert lost.unshared == 0
    assert not desk.outbox.pending()
    assert other_desk.kinds(lost) == ["run.started", "step.started", "step.finished"]
    finished = other_desk.ledger.events(subject=lost.run.id)[-1]
    assert KEPT_AT in finished.body
    assert happened_at(finished) < finished.at
    await execute(lost, "two")
    assert lost.run.outcome is RunOutcome.COMPLETED


async def test_a_console_that_is_opened_again_shares_what_another_one_kept(
    desk: TeamDesk, lost: Walk
) -> None:
    document = procedure(step(commands=command("true")), step("two", commands=command("true")))
    with pytest.raises(LedgerUnreachableError):
        await desk.resume(lost.run.id, document)
    desk.back()
    walk = await desk.resume(lost.run.id, document)
    assert walk.run.steps[0].status is StepStatus.PASSED
    assert desk.kinds(walk).count("step.finished") == 1
    assert walk.unshared == 0


async def test_a_run_that_others_moved_on_meanwhile_takes_the_late_fact_as_a_note(
    desk: TeamDesk, other_desk: TeamDesk, lost: Walk
) -> None:
    document = procedure(step(commands=command("true")), step("two", commands=command("true")))
    theirs = await other_desk.resume(
        lost.run.id, document, operator="grace", console=elsewhere("grace")
    )
    await theirs.course.take_over("ada's machine is gone")
    await theirs.course.abort("nobody knows how it ended")
    desk.back()
    await lost.refresh()
    assert lost.unshared == 0
    assert lost.run.outcome is RunOutcome.ABORTED
    assert "step.finished" in lost.run.notes[-1].text
    await theirs.refresh()
    assert theirs.run.notes == lost.run.notes


async def test_a_fact_whose_answer_was_lost_is_recorded_once(
    desk: TeamDesk, tmp_path: Path
) -> None:
    gate = Gate(tmp_path / "gate")
    walk = await desk.start(procedure(step(commands=command(gate.holds()))))
    await until_output(walk)
    desk.proxy.lose_answers, desk.proxy.closes_after_loss = 1, True
    gate.open()
    await execute(walk)
    assert await asyncio.to_thread(desk.proxy.cut.wait, 30)
    desk.proxy.closes_after_loss = False
    desk.back()
    await walk.refresh()
    assert desk.kinds(walk) == ["run.started", "step.started", "step.finished", "run.completed"]
    assert not desk.outbox.pending()
