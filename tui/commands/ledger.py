"""``quarterdeck ledger``: the record, seen from the shell."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from tui.commands.arguments import Parser
from tui.commands.ledger_verbs import run_export, run_import, run_status, run_verify

_EPILOG = """\
Every event carries a hash over itself and the event before it, so that the ledger shows by itself
what was changed in it, removed from it or put in between.

examples:
  quarterdeck ledger status                        how much is in it, since when
  quarterdeck ledger verify                        does the whole chain hold?
  quarterdeck ledger export -o ledger.jsonl        a copy that can be imported
  quarterdeck ledger export --format csv --since 2026-03-01 -o march.csv
  quarterdeck ledger import ledger.jsonl           into an empty ledger, or one that it continues

from this machine into the database that the settings name under [ledger]:
  quarterdeck ledger export --local | quarterdeck ledger import -
"""
_VERIFY_EPILOG = """\
The whole chain is walked, and compared with what an earlier verification noted beside the ledger.
The first event that was changed, removed or put in between is named.

exit status:
  0  the chain holds
  1  the chain is broken, or events that were verified before are missing
  2  there is no ledger, or it cannot be read

examples:
  quarterdeck ledger verify
  quarterdeck ledger verify --json
  quarterdeck ledger verify --accept     after the ledger was restored from an older copy
"""
_EXPORT_EPILOG = """\
jsonl: one event a line with all that is stored, hashes among it, for `quarterdeck ledger import`;
       with --subject it is no chain any more, and cannot be imported.
csv:   for people; no cell can be taken for a formula, and nothing in it steers a terminal.

exit status:
  0  everything is written
  2  the ledger cannot be read, or the file cannot be written

examples:
  quarterdeck ledger export | gzip > ledger.jsonl.gz
  quarterdeck ledger export --after 1200 -o newest.jsonl
  quarterdeck ledger export --format csv --subject rolling-restart-20260304T031240Z-a1b2c3
"""
_IMPORT_EPILOG = """\
Every line is checked before the first is written, and all are written at once or none. Events that
the ledger has already are passed over if they are identical.

exit status:
  0  everything is in the ledger now
  1  a line is damaged or does not fit this ledger; nothing was imported
  2  the file cannot be read, or the ledger cannot be written

examples:
  quarterdeck ledger import ledger.jsonl
  zcat ledger.jsonl.gz | quarterdeck ledger import -
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verbs to the program."""
    parser = commands.add_parser(
        "ledger",
        help="verify, export or import the record of everything that was done",
        description="The ledger is the record of everything that happened in the console.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    status = verbs.add_parser(
        "status",
        help="tell how much is in it, and what waits to be shared",
        description="Tell how much is in the ledger, and what waits here until it can be shared.",
        epilog="exit status:\n  0  all is told\n  2  there is no ledger, or it cannot be read",
    )
    verify = verbs.add_parser(
        "verify",
        help="walk the chain from the first event to the last",
        description="Walk the chain from the first event to the last.",
        epilog=_VERIFY_EPILOG,
    )
    verify.add_argument(
        "--accept", action="store_true", help="do not compare with earlier verifications"
    )
    export = verbs.add_parser(
        "export", help="write events out", description="Write events out.", epilog=_EXPORT_EPILOG
    )
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    export.add_argument(
        "--since",
        type=_moment,
        metavar="TIME",
        help="from this time on: 2026-03-04[T03:12[+01:00]]",
    )
    export.add_argument(
        "--after", type=int, default=0, metavar="SEQ", help="only events behind this position"
    )
    export.add_argument("--subject", default="", metavar="ID", help="only events of this story")
    export.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="a new file instead of standard output"
    )
    take_in = verbs.add_parser(
        "import",
        help="take over events that were exported",
        description="Take over events that were exported as jsonl.",
        epilog=_IMPORT_EPILOG,
    )
    take_in.add_argument("file", metavar="FILE", help="'-' for standard input")
    for verb in (status, verify, export, take_in):
        verb.add_argument(
            "--local",
            action="store_true",
            help="this machine's own ledger, also where the settings name a shared one",
        )
        verb.add_argument(
            "--config",
            type=Path,
            metavar="FILE",
            default=argparse.SUPPRESS,
            help="settings file that may name a shared ledger",
        )
    for verb in (status, verify):
        verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    for verb, run in (
        (status, run_status),
        (verify, run_verify),
        (export, run_export),
        (take_in, run_import),
    ):
        verb.set_defaults(run=run, parser=verb)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no time, such as 2026-03-04T03:12") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
