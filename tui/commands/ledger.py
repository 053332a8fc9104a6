"""``quarterdeck ledger``: the record, seen from the shell."""

import argparse
import json

from tui.commands.arguments import Parser
from tui.commands.chosen import chosen_state
from tui.settings.paths import ledger_path

_EPILOG = """\
Every event carries a hash over itself and the event before it. `verify` walks the whole chain; an
event that was changed, removed or put in between breaks it, and the first such event is named.

exit status:
  0  the chain holds
  1  the chain is broken
  2  there is no ledger, or it cannot be read

examples:
  quarterdeck ledger verify
  quarterdeck ledger verify --json
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "ledger",
        help="verify the record of everything that was done",
        description="The ledger is the record of everything that happened in the console.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    verify = verbs.add_parser(
        "verify", help="walk the chain from the first event to the last", epilog=_EPILOG
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object instead")
    verify.set_defaults(run=run_verify, parser=verify)


def run_verify(arguments: argparse.Namespace) -> int:
    """Print whether the chain holds; the ledger is only read."""
    from procedures.clock import SystemClock
    from procedures.ledger.sqlite_ledger import SqliteLedger

    path = ledger_path(chosen_state())
    ledger = SqliteLedger(path, clock=SystemClock(), read_only=True)
    try:
        found = ledger.verify()
    finally:
        ledger.close()
    intact = found.broken_at is None
    if arguments.json:
        told = {
            "ledger": str(path),
            "intact": intact,
            "events": found.events,
            "broken_at": found.broken_at,
            "problem": found.problem,
        }
        print(json.dumps(told, indent=2))
    elif intact:
        print(f"{path}: intact, {found.events} events")
    else:
        print(f"{path}: BROKEN at event {found.broken_at}: {found.problem}")
        print("  Keep the file as it is, and compare it with a copy")
    return 0 if intact else 1
