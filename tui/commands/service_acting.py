"""``quarterdeck service restart`` and its kin: a quick action, walked and recorded like any run."""

import argparse
from typing import TYPE_CHECKING

from tui.commands.service_places import find, targets_of

if TYPE_CHECKING:
    from procedures.environment import Environment
    from procedures.runbook.model import Procedure

_VERBS = {"restart": "restart", "scale": "scale", "stop": "stop", "start": "start"}
_ROLL_BACK = "roll back"


def run_act(arguments: argparse.Namespace) -> int:
    """Walk the quick action as far as possible; return why it ended there."""
    from procedures.errors import RunOpenError
    from tui.commands.interruptible import run_interruptibly
    from tui.commands.statuses import FOLLOWS
    from tui.commands.telling import errors_told

    try:
        with errors_told(arguments):
            return run_interruptibly(lambda: _act(arguments))
    except RunOpenError:
        arguments.failure_status = FOLLOWS
        raise


async def _act(arguments: argparse.Namespace) -> int:
    from tui.commands.desk import desk_in
    from tui.commands.places import place_of
    from tui.commands.run import rehearse_and_tell
    from tui.commands.telling import walk_and_tell
    from tui.commands.walking import begin_or_resume

    async with place_of(arguments) as place:
        procedure = await _procedure(arguments, place)
        if arguments.dry_run:
            return await rehearse_and_tell(arguments, procedure, place)
        async with desk_in(place, arguments) as desk:
            begun = await begin_or_resume(arguments, procedure, desk)
            return await walk_and_tell(arguments, begun, desk)


async def _procedure(arguments: argparse.Namespace, place: "Environment") -> "Procedure":
    """Return the document of what is asked for; RunError if it cannot be done there."""
    from procedures.errors import RunError
    from procedures.execution.quick_actions import quick_procedure
    from procedures.targets.actions import Refusal, Verb

    verb = Verb(_VERBS.get(arguments.verb, _ROLL_BACK))
    async with targets_of(place, arguments) as targets:
        standing = await find(targets, arguments.workload)
        target = standing.target
        way = target.action(verb, standing.workload, replicas=arguments.replicas)
    if isinstance(way, Refusal):
        raise RunError(
            f"{verb.value} {standing.workload.name} on {target.place.name}: {way.why}", fix=way.fix
        )
    return quick_procedure(way, target.place)
