"""Ending a run, or its command, without its document: that may have left the catalogue."""

import asyncio
import socket
from pathlib import Path

from procedures.errors import RunError
from procedures.execution.command import supervision
from procedures.execution.record.journal import Journal
from procedures.execution.record.station import Station
from procedures.execution.run.run import Run, StepRecord
from procedures.execution.walking import command_stage
from procedures.execution.walking.course import Course


async def abort_run(run: Run, station: Station, reason: str, *, take_over: str = "") -> Run:
    """End the run before its last step, and return it; what it did stands.

    Args:
        run: As it was just read.
        station: Who ends it.
        reason: Why; it is recorded.
        take_over: Why it is taken from whoever drives it; empty to leave it to them.
    """
    journal = Journal(run, station)
    course = Course(journal, station, original=None, secrets=tuple(station.secrets))
    await journal.collect_unshared()
    await course.take_if_vacant()
    if take_over and not journal.drives:
        await course.take_over(take_over)
    # A command that has ended meanwhile must not stand in the way.
    await _record_ends(journal)
    await course.abort(reason)
    return journal.run


async def cancel_commands(run: Run, station: Station) -> tuple[StepRecord, ...]:
    """Stop every command of the run (INT, TERM, KILL) and record how each ended.

    Returns:
        The steps whose commands ran.

    Raises:
        RunError: None runs, or one runs on another machine.
    """
    journal = Journal(run, station)
    running = [step for step in run.all_steps if step.command_runs or step.runs_behind]
    if not running:
        raise RunError(f"no command of run {run.id} runs")
    for step in running:
        if step.host != socket.gethostname():
            raise RunError(f"step {step.id} runs on {step.host}", fix=f"Cancel it on {step.host}")
    for step in running:
        folder = Path(step.folder)
        await asyncio.to_thread(supervision.cancel, folder)
        async for _ in supervision.tail(folder):
            pass
    await _record_ends(journal)
    return tuple(journal.step(step.id) for step in running)


async def _record_ends(journal: Journal) -> None:
    current = journal.run.current
    if current and current.command_runs:
        await command_stage.record_end(journal, current.id)
    await command_stage.record_ends_behind(journal)
