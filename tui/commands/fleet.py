"""``quarterdeck fleet``: all environments and targets at once, worst first."""

import argparse
from typing import TYPE_CHECKING

from tui.commands.arguments import (
    PATIENCE_S,
    UNKNOWN_STATUS,
    Parser,
    add_procedures_option,
    add_settings_options,
    seconds_above_zero,
)

if TYPE_CHECKING:
    from procedures.fleet.fleet import Fleet
    from procedures.fleet.values import FleetView

_EPILOG = """\
Without a word in the settings, every environment is asked by its own sources. With [fleet] and a
Prometheus server that knows many targets, one query an indicator asks for all of them at once,
told apart by a label; a value that is no environment of the settings is a row of its own.

An environment that is asked by its own sources is judged as check judges it. Whatever the server
knows is judged by its key indicators and its alerts, environments too.

At a terminal the console opens on the Fleet screen, whose Enter leads into any row. Alerts that
the server evaluates count whether or not somebody has silenced them: only Alertmanager knows.

-e names the environment whose console opens; everybody is looked at all the same.

exit status, by the worst row:
  0  ok
  1  warning
  2  critical
  3  unknown: something that should answer did not, or nobody could be asked at all

examples:
  quarterdeck fleet                         the Fleet screen; a plain table in a pipe
  quarterdeck fleet --once                  the table at a terminal, too
  quarterdeck fleet --json | jq '.rows[] | select(.state != "ok") | .name'
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "fleet",
        help="all environments and targets at once, worst first; exits as check does",
        description="Look at many environments and targets at once, worst first.",
        epilog=_EPILOG,
        failure_status=UNKNOWN_STATUS,
    )
    add_settings_options(parser)
    add_procedures_option(parser)
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=argparse.SUPPRESS,
        help="run nothing that changes anything, wherever Enter leads",
    )
    parser.add_argument("--once", action="store_true", help="print a table, also at a terminal")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--timeout",
        type=seconds_above_zero,
        default=PATIENCE_S,
        metavar="SECONDS",
        help="how long to wait for each source (default: %(default)g)",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Open the Fleet screen, or tell the fleet and exit with the state of its worst row."""
    from tui.commands.opening import at_a_terminal

    if at_a_terminal() and not (arguments.once or arguments.json):
        return _open(arguments)
    from procedures.errors import ProcedureError
    from tui.commands.snapshot_json import failure_json

    try:
        return _tell(arguments)
    except ProcedureError as error:
        if arguments.json:
            print(failure_json(error.what, error.fix))
        raise


def _tell(arguments: argparse.Namespace) -> int:
    import asyncio

    from procedures.reference.indicators import load_indicators
    from tui.commands.chosen import chosen_fleet
    from tui.commands.fleet_text import fleet_content, fleet_table
    from tui.commands.snapshot_json import json_text

    view = asyncio.run(_look(chosen_fleet(arguments), arguments.timeout))
    indicators = load_indicators()
    if arguments.json:
        print(json_text(fleet_content(view, indicators)))
    else:
        print(fleet_table(view, indicators))
    return view.state.exit_code


async def _look(fleet: "Fleet", patience_s: float) -> "FleetView":
    from procedures.clock import SystemClock
    from procedures.fleet.watch import FleetWatch

    watch = FleetWatch(fleet, SystemClock())
    try:
        return await watch.look(patience_s=patience_s)
    finally:
        await watch.aclose()


def _open(arguments: argparse.Namespace) -> int:
    from dataclasses import replace

    from tui.commands.chosen import (
        chosen_fleet,
        chosen_ledger,
        chosen_policy,
        chosen_procedures,
        chosen_settings,
        chosen_state,
    )
    from tui.commands.opening import open_console

    settings, fleet = chosen_settings(arguments), chosen_fleet(arguments)
    asked = getattr(arguments, "environment", "")
    # The console belongs to one environment; the header names it until Enter leads into another.
    environment = settings.environment(asked or settings.default or next(iter(fleet.environments)))
    if getattr(arguments, "read_only", False):
        environment = replace(environment, read_only=True)
    return open_console(
        environment,
        demo=None,
        state_dir=chosen_state(),
        procedures=chosen_procedures(arguments),
        policy=chosen_policy(arguments),
        ledger=chosen_ledger(arguments),
        fleet=fleet,
        place="fleet",
    )
