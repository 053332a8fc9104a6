"""What the verbs of ``quarterdeck runs`` do."""

import argparse
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tui.commands.chosen import chosen_state

if TYPE_CHECKING:
    from procedures.execution.record.station import Station
    from procedures.execution.run.run import Run
    from procedures.ledger.event import Ledger
    from procedures.runbook.model import Procedure


def run_list(arguments: argparse.Namespace) -> int:
    """Print one line a run; the ledger is only read."""
    from procedures.execution.record.run_list import list_runs
    from tui.commands.record import reading
    from tui.commands.run_text import list_text, listed_plain

    with reading(arguments) as ledger:
        listed = list_runs(
            ledger,
            environment=getattr(arguments, "environment", ""),
            ended_too=arguments.all,
            limit=arguments.limit,
        )
    if arguments.json:
        print(json.dumps({"runs": [listed_plain(each) for each in listed]}, indent=2))
    elif listed:
        print(list_text(listed))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print everything that is known of one run; the ledger is only read."""
    from tui.commands.record import reading
    from tui.commands.run_text import run_plain, run_text

    with reading(arguments) as ledger:
        run = find_run(ledger, arguments.run_id)
    folder = chosen_state() / "runs" / run.id
    print(json.dumps(run_plain(run, folder), indent=2) if arguments.json else run_text(run, folder))
    return 0


def run_resume(arguments: argparse.Namespace) -> int:
    """Go on with a run where it stands."""
    from tui.commands.interruptible import run_interruptibly
    from tui.commands.telling import errors_told

    with errors_told(arguments):
        return run_interruptibly(lambda: _resume(arguments))


def run_undo(arguments: argparse.Namespace) -> int:
    """Begin the way back of a run, or go on with it."""
    from tui.commands.interruptible import run_interruptibly
    from tui.commands.telling import errors_told

    with errors_told(arguments):
        return run_interruptibly(lambda: _undo(arguments))


def run_abort(arguments: argparse.Namespace) -> int:
    """End a run."""
    from tui.commands.interruptible import run_interruptibly

    return run_interruptibly(lambda: _abort(arguments))


def run_cancel(arguments: argparse.Namespace) -> int:
    """Stop the commands of a run."""
    from tui.commands.interruptible import run_interruptibly

    return run_interruptibly(lambda: _cancel(arguments))


def find_run(ledger: "Ledger", run_id: str) -> "Run":
    """Return the run of that id; RunError with the nearest one if there is none."""
    from procedures.errors import RunError
    from procedures.execution.record.run_list import known_ids
    from procedures.execution.record.runs import run_of
    from procedures.runbook.problems import nearest

    known = known_ids(ledger)
    if run_id not in known:
        raise RunError(f"there is no run '{run_id}'", fix=nearest(run_id, known))
    return run_of(ledger, run_id)


async def _resume(arguments: argparse.Namespace) -> int:
    from tui.commands.desk import desk_in
    from tui.commands.places import place_of
    from tui.commands.telling import walk_and_tell
    from tui.commands.walking import Begun, require_inputs_of, resume

    run = _peek(arguments)
    procedure = document_of(arguments, run)
    require_inputs_of(arguments, run, procedure)
    _require_known(arguments, run)
    async with (
        place_of(arguments, named=run.environment, method=run.method.value) as place,
        desk_in(place, arguments) as desk,
    ):
        walk = await resume(arguments, run, procedure, desk)
        return await walk_and_tell(arguments, Begun(walk=walk, resumed=True), desk)


async def _undo(arguments: argparse.Namespace) -> int:
    from procedures.errors import RunError
    from tui.commands.desk import desk_in
    from tui.commands.places import place_of
    from tui.commands.telling import walk_and_tell
    from tui.commands.walking import Begun, resume

    run = _peek(arguments)
    procedure = document_of(arguments, run)
    _require_known(arguments, run, *arguments.only)
    async with (
        place_of(arguments, named=run.environment, method=run.method.value) as place,
        desk_in(place, arguments) as desk,
    ):
        walk = await resume(arguments, run, procedure, desk)
        if walk.drives and walk.run.rolling_back is None:
            if not walk.course.way_back(only=arguments.only) and procedure.rollback:
                raise RunError(
                    "no undo command is written for what this run did",
                    fix=f"Walk its rollback procedure: `quarterdeck run {procedure.rollback} "
                    f"--rolls-back {run.id}`",
                )
            await walk.course.go_back(
                arguments.reason, only=arguments.only, goes_on=arguments.then_again
            )
        return await walk_and_tell(arguments, Begun(walk=walk, resumed=True), desk)


async def _abort(arguments: argparse.Namespace) -> int:
    from procedures.execution.run.effects import standing_effects
    from procedures.execution.walking.closing import abort_run

    async with _station(arguments) as (run, station):
        ended = await abort_run(run, station, arguments.reason, take_over=arguments.take_over)
    print(f"{ended.id}: {ended.outcome.value}")
    if standing := standing_effects(ended):
        print(f"  these effects may stand: {', '.join(each.step_id for each in standing)}")
        print(f"  take them back: `quarterdeck runs undo {ended.id} --reason TEXT`")
    return 0


async def _cancel(arguments: argparse.Namespace) -> int:
    from procedures.execution.walking.closing import cancel_commands
    from tui.commands.walk_text import one_line

    async with _station(arguments) as (run, station):
        for step in await cancel_commands(run, station):
            print(one_line(f"{step.id}: {step.status.value}: {step.reason}"))
    return 0


def document_of(arguments: argparse.Namespace, run: "Run") -> "Procedure":
    """Return the run's document as it is now, or as it was kept if it has left the catalogue."""
    from procedures.errors import DocumentError
    from procedures.execution.record import as_begun
    from tui.commands.shelf import procedure_named

    try:
        return procedure_named(arguments, run.procedure_id)
    except DocumentError as error:
        kept = as_begun.recall(chosen_state() / "runs" / run.id, run.digest)
        if kept is None:
            raise DocumentError(
                error.what,
                fix=f"Put the document back, or abort the run: `quarterdeck runs abort {run.id} "
                "--reason TEXT`",
            ) from error
        return kept


def _require_known(arguments: argparse.Namespace, run: "Run", *more: str) -> None:
    """Raise UsageError for a step that the run does not have, and will not have on its way back."""
    from tui.commands.answers import orders_of, require_steps

    named = (*orders_of(arguments).steps, *more)
    require_steps(
        (step for step in named if not step.startswith("undo:")),
        [step.id for step in run.steps],
        status=arguments.failure_status,
    )


def _peek(arguments: argparse.Namespace) -> "Run":
    from tui.commands.record import reading

    with reading(arguments) as ledger:
        return find_run(ledger, arguments.run_id)


@asynccontextmanager
async def _station(arguments: argparse.Namespace) -> "AsyncIterator[tuple[Run, Station]]":
    """Sit down where nothing is walked: the environment need not be in the settings any more."""
    from procedures.environment import Environment, Tier
    from tui.commands.desk import desk_in

    run = _peek(arguments)
    place = Environment(name=run.environment, tier=Tier.PRODUCTION, method=run.method)
    async with desk_in(place, arguments) as desk:
        yield run, desk.station
