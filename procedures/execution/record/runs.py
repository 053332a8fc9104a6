"""The runs of a ledger: beginning one, and finding those that are open."""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress

from procedures.environment import Environment
from procedures.errors import RunError, RunOpenError
from procedures.execution.record import as_begun
from procedures.execution.record.station import Station
from procedures.execution.run.bodies import outline_body
from procedures.execution.run.fold import fold
from procedures.execution.run.preparation import outline
from procedures.execution.run.run import Run
from procedures.execution.run.run_turns import ENDED, OPENED
from procedures.ledger.event import Draft, Ledger
from procedures.runbook.model import Procedure


def open_runs(ledger: Ledger, environment: str) -> tuple[Run, ...]:
    """Return the runs of that environment that have not ended, newest first; blocking.

    One that cannot be understood, as a newer version may have written it, is left out here and
    told by :func:`procedures.execution.record.run_list.list_runs`.
    """
    runs: list[Run] = []
    for run_id in ledger.unfinished(environment, opened=OPENED, ended=ENDED):
        with suppress(RunError):
            runs.append(fold(ledger.events(subject=run_id)))
    return tuple(runs)


def run_of(ledger: Ledger, run_id: str) -> Run:
    """Return the run of that id; RunError if the ledger has none; blocking."""
    return fold(ledger.events(subject=run_id))


async def begin_run(
    procedure: Procedure,
    environment: Environment,
    inputs: Mapping[str, str],
    *,
    station: Station,
    insist: bool = False,
    begin_at: str = "",
    reason: str = "",
    rolls_back: str = "",
) -> Run:
    """Record a new run; RunOpenError if one of this procedure is open here and nobody insists.

    RunError if there is no run ``rolls_back``.

    Args:
        procedure: What to walk.
        environment: Where.
        inputs: As they may be recorded: without secret ones.
        station: Who begins it.
        insist: Begin although one is open.
        begin_at: Id of the first step that is not skipped; empty for the first of all.
        reason: Why the steps before it are skipped.
        rolls_back: Id of the run that this one takes back.
    """
    if rolls_back:
        await asyncio.to_thread(run_of, station.ledger, rolls_back)
    if not insist:
        await require_none_open(station.ledger, environment.name, procedure.id)
    run_id = f"{procedure.id}-{station.clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    # The folder comes first: a disk that is full is better found now than at the first command.
    await asyncio.to_thread(as_begun.keep, procedure, station.runs_dir / run_id)
    draft = Draft(
        kind="run.started",
        subject=run_id,
        environment=environment.name,
        operator=station.operator.name,
        body={
            "procedure": procedure.id,
            "title": procedure.title,
            "digest": procedure.digest,
            "method": environment.method.value,
            "tier": environment.tier.value,
            "inputs": dict(inputs),
            "steps": [outline_body(outline(step, environment)) for step in procedure.steps],
            "console": station.console,
            "begin_at": begin_at,
            "reason": reason,
            "rolls_back": rolls_back,
        },
    )
    run = fold([await asyncio.to_thread(station.ledger.append, draft, after=0)])
    if not insist:
        await _withdraw_if_second(run, environment, station)
    return run


async def require_none_open(ledger: Ledger, environment: str, procedure_id: str) -> None:
    """Raise RunOpenError if a run of that procedure is open in that environment."""
    _require_none(await _others(ledger, environment, procedure_id))


async def _others(ledger: Ledger, environment: str, procedure_id: str) -> list[Run]:
    return await asyncio.to_thread(_open_runs_of, ledger, environment, procedure_id)


def _open_runs_of(ledger: Ledger, environment: str, procedure_id: str) -> list[Run]:
    """Return the open runs of one procedure, newest first, without reading those of others."""
    return [
        fold(ledger.events(subject=run_id))
        for run_id in ledger.unfinished(environment, opened=OPENED, ended=ENDED)
        if ledger.events(subject=run_id, limit=1)[0].body.get("procedure") == procedure_id
    ]


async def _withdraw_if_second(run: Run, environment: Environment, station: Station) -> None:
    """Give way when two consoles began at the same moment: the earlier event counts."""
    others = await _others(station.ledger, environment.name, run.procedure_id)
    earlier = [other for other in others if other.first_seq < run.first_seq]
    if not earlier:
        return
    draft = Draft(
        kind="run.aborted",
        subject=run.id,
        environment=environment.name,
        operator=station.operator.name,
        body={"reason": f"run {earlier[-1].id} began at the same moment"},
    )
    await asyncio.to_thread(station.ledger.append, draft)
    _require_none(earlier)


def _require_none(others: list[Run]) -> None:
    if others:
        raise RunOpenError(
            f"{others[-1].operator} has a run of {others[-1].procedure_id} open here since "
            f"{others[-1].started_at:%H:%M:%S} UTC",
            fix="Resume that run, or insist on a second one",
            run_id=others[-1].id,
        )
