"""From a command line to a walk: begun, or taken up where the same command left it."""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procedures.errors import RunError, RunOpenError
from procedures.execution.record.run_list import list_runs
from procedures.execution.run.run import Run
from procedures.execution.variables import public_inputs
from procedures.execution.walking.walk import Walk
from tui.commands.desk import Desk
from tui.commands.inputs import inputs_of, secrets_of

if TYPE_CHECKING:
    from procedures.runbook.model import Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A walk, and whether it was there before."""

    walk: Walk
    resumed: bool


async def begin_or_resume(
    arguments: argparse.Namespace, procedure: "Procedure", desk: Desk
) -> Begun:
    """Take up the operator's open run of the procedure, or begin one if there is none.

    Raises:
        RunOpenError: Somebody else has one open.
        RunError: The open one was begun with other inputs, or there are several.
    """
    given = inputs_of(arguments, procedure)
    run = None if arguments.insist else await _open_run(arguments, procedure, desk)
    if run is not None:
        _require_same_inputs(run, procedure, given)
        _require_past(run, arguments.begin_at)
        return Begun(walk=await resume(arguments, run, procedure, desk), resumed=True)
    secrets = secrets_of(arguments, procedure, required=True)
    walk = await Walk.start(
        procedure,
        desk.environment,
        {**given, **secrets},
        station=desk.station,
        insist=arguments.insist,
        begin_at=arguments.begin_at,
        reason=arguments.reason,
        rolls_back=arguments.rolls_back,
    )
    return Begun(walk=walk, resumed=False)


async def resume(
    arguments: argparse.Namespace, run: Run, procedure: "Procedure", desk: Desk
) -> Walk:
    """Take up a run; take it over and end its pause if the operator says so."""
    walk = await Walk.resume(
        run.id,
        procedure,
        desk.environment,
        station=desk.station,
        secrets=secrets_of(arguments, procedure, required=False),
    )
    await take_hold(arguments, walk)
    if arguments.go_on and walk.run.pause and walk.drives:
        await walk.course.go_on()
    return walk


async def take_hold(arguments: argparse.Namespace, walk: Walk) -> None:
    """Drive the run: as its operator if no console does, or by taking it over with a reason."""
    await walk.course.take_if_vacant()
    if arguments.take_over and not walk.drives:
        await walk.course.take_over(arguments.take_over)


def require_inputs_of(arguments: argparse.Namespace, run: Run, procedure: "Procedure") -> None:
    """Raise RunError if an input is given that is not that of the run."""
    for name, value in inputs_of(arguments, procedure).items():
        _require_same(run, name, value)


async def _open_run(
    arguments: argparse.Namespace, procedure: "Procedure", desk: Desk
) -> Run | None:
    """Return the open run to take up; None if none is open here."""
    station = desk.station
    listed = await asyncio.to_thread(
        lambda: list_runs(station.ledger, environment=desk.environment.name)
    )
    # What cannot be understood is no run to take up; beginning another one says so.
    runs = [each.run for each in listed if each.run and each.run.procedure_id == procedure.id]
    own = [run for run in runs if run.driver.operator == station.operator.name]
    candidates = own or (runs if arguments.take_over else [])
    if len(candidates) > 1:
        raise RunError(
            f"several runs of {procedure.id} are open here: {', '.join(r.id for r in candidates)}",
            fix="Choose one: `quarterdeck runs resume RUN`",
        )
    if runs and not candidates:
        raise RunOpenError(
            f"{runs[0].driver.operator} drives run {runs[0].id} of {procedure.id} here",
            fix="Take it over with --take-over REASON, or begin a second one with --insist",
            run_id=runs[0].id,
        )
    return candidates[0] if candidates else None


def _require_same_inputs(run: Run, procedure: "Procedure", given: Mapping[str, str]) -> None:
    defaults = {n: each.default for n, each in procedure.inputs.items() if each.default is not None}
    asked = public_inputs(procedure, {**defaults, **given})
    for name, value in asked.items():
        if name in run.inputs:
            _require_same(run, name, value)


def _require_same(run: Run, name: str, value: str) -> None:
    begun_with = run.inputs.get(name)
    if begun_with != value:
        raise RunError(
            f"run {run.id} was begun with {name}={begun_with or ''}, not {value}",
            fix=f"Give the same inputs, or take it up with `quarterdeck runs resume {run.id}`",
        )


def _require_past(run: Run, begin_at: str) -> None:
    """Raise RunError if the run has not come to where the operator wants it to begin."""
    ids = [step.id for step in run.steps]
    before = run.steps[: ids.index(begin_at)] if begin_at in ids else ()
    left = next((step for step in before if not step.is_over), None)
    if left is not None:
        raise RunError(
            f"run {run.id} is open, and has come to {left.id} only, before {begin_at}",
            fix="Leave --from out, skip the steps in between, or abort that run",
        )
