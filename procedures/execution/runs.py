"""The runs of a ledger: beginning one, and finding those that are open."""

import asyncio
import secrets
from collections.abc import Mapping

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.errors import RunError
from procedures.execution.bodies import outline_body
from procedures.execution.fold import fold
from procedures.execution.preparation import outline
from procedures.execution.run import Run
from procedures.ledger.event import Draft, Ledger
from procedures.runbook.model import Procedure


def open_runs(ledger: Ledger, environment: str) -> tuple[Run, ...]:
    """Return the runs of that environment that have not ended, newest first; blocking."""
    edges = [e for e in ledger.events(kind_prefix="run.") if e.environment == environment]
    ended = {edge.subject for edge in edges if edge.kind in ("run.completed", "run.aborted")}
    begun = [edge.subject for edge in reversed(edges) if edge.kind == "run.started"]
    return tuple(fold(ledger.events(subject=run)) for run in begun if run not in ended)


async def begin_run(
    procedure: Procedure,
    environment: Environment,
    inputs: Mapping[str, str],
    *,
    ledger: Ledger,
    clock: Clock,
    operator: str,
    insist: bool,
) -> Run:
    """Record a new run; RunError if one of this procedure is open here and nobody insists."""
    if not insist:
        _require_none(await _others(ledger, environment, procedure.id))
    draft = Draft(
        kind="run.started",
        subject=f"{procedure.id}-{clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        environment=environment.name,
        operator=operator,
        body={
            "procedure": procedure.id,
            "title": procedure.title,
            "digest": procedure.digest,
            "method": environment.method.value,
            "tier": environment.tier.value,
            "inputs": dict(inputs),
            "steps": [outline_body(outline(step, environment)) for step in procedure.steps],
        },
    )
    run = fold([await asyncio.to_thread(ledger.append, draft, after=0)])
    if not insist:
        await _withdraw_if_second(run, ledger, environment, operator)
    return run


async def _others(ledger: Ledger, environment: Environment, procedure_id: str) -> list[Run]:
    runs = await asyncio.to_thread(open_runs, ledger, environment.name)
    return [run for run in runs if run.procedure_id == procedure_id]


async def _withdraw_if_second(
    run: Run, ledger: Ledger, environment: Environment, operator: str
) -> None:
    """Give way when two consoles began at the same moment: the earlier event counts."""
    others = await _others(ledger, environment, run.procedure_id)
    earlier = [other for other in others if other.first_seq < run.first_seq]
    if not earlier:
        return
    draft = Draft(
        kind="run.aborted",
        subject=run.id,
        environment=environment.name,
        operator=operator,
        body={"reason": f"run {earlier[-1].id} began at the same moment"},
    )
    await asyncio.to_thread(ledger.append, draft)
    _require_none(earlier)


def _require_none(others: list[Run]) -> None:
    if others:
        raise RunError(
            f"{others[-1].operator} has a run of {others[-1].procedure_id} open here since "
            f"{others[-1].started_at:%H:%M:%S} UTC",
            fix="Resume that run, or insist on a second one",
        )
