"""``quarterdeck demo``: the console on the embedded sandbox."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.arguments import UNKNOWN_STATUS, Parser, UsageError, add_procedures_option
from tui.commands.chosen import chosen_state
from tui.settings.paths import sandbox_dir

if TYPE_CHECKING:
    from tui.demo_options import DemoOptions

METHODS = ("docker", "kubernetes", "systemd")
FAULTS = ("replica-crash", "cache-down", "latency")

_EPILOG = """\
The sandbox is a small real service on this machine's loopback: API, health, metrics, logs and
backups. The commands of the chosen method answer inside procedure steps as the real ones would, so
that what you practise is what you will type. It ends with the console unless --keep is given.

faults:
  replica-crash   one API replica dies and stays down
  cache-down      the cache answers nothing, requests get slower
  latency         the database connections hang, P95 soars

examples:
  quarterdeck demo                                     a quiet day
  quarterdeck demo --fault latency                     something to repair
  quarterdeck demo --method kubernetes --fault replica-crash --fault cache-down
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "demo",
        help="open the console on an embedded service, with faults if you like",
        description="Open the console on the embedded sandbox. It needs no settings.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--method", choices=METHODS, default="docker", help="what it poses as (default: docker)"
    )
    parser.add_argument(
        "--fault",
        action="append",
        choices=FAULTS,
        default=[],
        dest="faults",
        help="begin with this fault; may be repeated",
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="keep the sandbox's files there instead"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the sandbox running when the console ends"
    )
    add_procedures_option(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Open the console on a sandbox; without a terminal, print one dashboard of it."""
    from procedures.environment import Method
    from tui.commands.opening import at_a_terminal, open_console
    from tui.demo_options import DemoOptions

    if arguments.read_only:
        raise UsageError(
            "a demo is there to be acted on: it is never read-only",
            fix="Leave out --read-only",
            status=arguments.failure_status,
        )
    state = chosen_state()
    options = DemoOptions(
        method=Method(arguments.method),
        faults=tuple(arguments.faults),
        state_dir=arguments.state or sandbox_dir(state),
        keep=arguments.keep,
    )
    if not at_a_terminal():
        import asyncio

        arguments.failure_status = UNKNOWN_STATUS
        return asyncio.run(_look(options))
    from procedures.runbook.catalogue import SHIPPED

    named = (path.absolute() for path in getattr(arguments, "procedures", ()))
    return open_console(None, demo=options, state_dir=state, procedures=(*named, SHIPPED))


async def _look(options: "DemoOptions") -> int:
    from procedures.sandbox.launcher import start
    from tui.commands.look import Style, look, tell

    sandbox = await start(
        options.state_dir, method=options.method, faults=options.faults, keep=options.keep
    )
    try:
        return tell(await look(sandbox.environment), sandbox.environment, Style.DASHBOARD)
    finally:
        await sandbox.stop()
