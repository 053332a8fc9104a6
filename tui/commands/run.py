"""``quarterdeck run``: a procedure walked without the console, from cron or a pipeline."""

import argparse
from typing import TYPE_CHECKING

from tui.commands.answers import add_answer_options, add_course_options
from tui.commands.arguments import (
    Parser,
    UsageError,
    add_procedures_option,
    add_settings_options,
)
from tui.commands.inputs import add_input_options
from tui.commands.places import add_place_options
from tui.commands.statuses import FOLLOWS, statuses_text

if TYPE_CHECKING:
    from procedures.environment import Environment
    from procedures.execution.rehearsal.dry_run import DryRun
    from procedures.runbook.model import Procedure

_EPILOG = f"""\
Steps that only read, and changes, run unasked: calling the command is the confirmation. A step that
is destructive, or that a policy or the tier of the environment raises to it, must be named with
--allow-destructive. Whatever else the console would ask stops the run, which stays open; what to
add is printed, and the same command goes on where it stopped. It takes up the open run of this
procedure in this environment that this operator drives; there is never a second one unless
--insist. Ctrl+C leaves the run open and its command running; `quarterdeck runs cancel` stops it.

{statuses_text()}
examples:
  quarterdeck run rolling-restart --dry-run                 what would happen, nothing is changed
  quarterdeck run rolling-restart -e staging --input batch=1
  quarterdeck run rolling-restart --allow-destructive restart-one-replica --tick tell-the-team
  quarterdeck run restore --secret password=env:PGPASSWORD --json | jq -r .event
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "run",
        help="walk a procedure without the console, or go on with it",
        description="Walk a procedure without the console, recorded as there.",
        epilog=_EPILOG,
    )
    parser.add_argument("id", metavar="ID", help="of the procedure")
    add_input_options(parser)
    parser.add_argument(
        "--from",
        default="",
        dest="begin_at",
        metavar="STEP",
        help="begin at this step; those before it are recorded as skipped",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, with --from")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would happen; only checks are executed"
    )
    parser.add_argument(
        "--insist", action="store_true", help="begin a run although one is open here"
    )
    parser.add_argument(
        "--rolls-back", default="", metavar="RUN", help="this run takes back what RUN did"
    )
    add_answer_options(parser)
    add_walk_options(parser)
    parser.set_defaults(run=run, parser=parser)


def add_walk_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that walks takes."""
    add_course_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    add_place_options(parser)
    add_settings_options(parser)
    add_procedures_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Walk as far as possible; return why it ended there."""
    from procedures.errors import RunOpenError
    from tui.commands.interruptible import run_interruptibly
    from tui.commands.shelf import procedure_named

    if arguments.begin_at and not arguments.reason.strip() and not arguments.dry_run:
        raise UsageError(
            "--from needs a reason: it is recorded with the steps that are left out",
            fix="Add --reason TEXT",
            status=arguments.failure_status,
        )
    if arguments.dry_run:
        procedure = procedure_named(arguments, arguments.id)
        _require_known(arguments, procedure)
        return run_interruptibly(lambda: _rehearse(arguments, procedure))
    from tui.commands.telling import errors_told

    try:
        with errors_told(arguments):
            procedure = procedure_named(arguments, arguments.id)
            _require_known(arguments, procedure)
            return run_interruptibly(lambda: _walk(arguments, procedure))
    except RunOpenError:
        arguments.failure_status = FOLLOWS
        raise


def _require_known(arguments: argparse.Namespace, procedure: "Procedure") -> None:
    """Raise UsageError for a step that the document does not have; nothing has begun yet."""
    from procedures.runbook.problems import nearest
    from tui.commands.answers import orders_of, require_steps

    ids = [step.id for step in procedure.steps]
    if arguments.begin_at and arguments.begin_at not in ids:
        raise UsageError(
            f"{procedure.id} has no step '{arguments.begin_at}'",
            fix=nearest(arguments.begin_at, ids),
            status=arguments.failure_status,
        )
    # Steps of a way back are known only to the run.
    named = (step for step in orders_of(arguments).steps if not step.startswith("undo:"))
    require_steps(named, ids, status=arguments.failure_status)


async def _walk(arguments: argparse.Namespace, procedure: "Procedure") -> int:
    from tui.commands.desk import desk_in
    from tui.commands.places import place_of
    from tui.commands.telling import walk_and_tell
    from tui.commands.walking import begin_or_resume

    async with place_of(arguments) as place, desk_in(place, arguments) as desk:
        begun = await begin_or_resume(arguments, procedure, desk)
        return await walk_and_tell(arguments, begun, desk)


async def _rehearse(arguments: argparse.Namespace, procedure: "Procedure") -> int:
    from tui.commands.places import place_of

    async with place_of(arguments) as place:
        return await rehearse_and_tell(arguments, procedure, place)


async def rehearse_and_tell(
    arguments: argparse.Namespace, procedure: "Procedure", place: "Environment"
) -> int:
    """Show what would happen in ``place``; return the exit status that the run would have."""
    from procedures.execution.rehearsal.rehearsal import rehearse
    from tui.commands.desk import bearings_of
    from tui.commands.dry_lines import dry_json, dry_text
    from tui.commands.halt_statuses import OF_OBSTACLE
    from tui.commands.inputs import inputs_of

    async with bearings_of(place, arguments) as bearings:
        dry: DryRun = await rehearse(
            procedure,
            place,
            inputs_of(arguments, procedure),
            operator=bearings.operator,
            policy=bearings.policy,
            checks=bearings.checks,
            clock=bearings.clock,
            secrets=bearings.secrets,
            begin_at=arguments.begin_at,
        )
    print(dry_json(dry) if arguments.json else dry_text(dry))
    return OF_OBSTACLE[dry.stop.obstacle] if dry.stop else 0
