"""``quarterdeck backups``: what there is, how old, whether it is whole."""

import argparse

from tui.commands.arguments import UNKNOWN_STATUS, USAGE_STATUS, Parser, add_settings_options
from tui.commands.places import add_place_options

_EPILOG = """\
Backups are looked for where the settings say: in backup_dir, and in a bucket through the aws
command line.

examples:
  quarterdeck backups list                   all of them, their schedules, the recovery point
  quarterdeck backups list --json | jq .recovery
  quarterdeck backups verify                 read the newest of each kind through
  quarterdeck backups verify daily/backup-daily-20260301T020000Z.tar.gz
"""
_LIST_STATUSES = """\
exit status:
  0  ok: the newest is young enough, and every schedule that is asked for is kept up
  1  warning
  2  critical
  3  unknown: a place could not be looked into
"""
_VERIFY_STATUSES = """\
exit status:
  0  all that was read is whole
  1  something is damaged, or nobody can tell
  2  nothing could be read: command line, settings, or no such backup
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verbs to the program."""
    parser = commands.add_parser(
        "backups",
        help="list backups with their schedules and the recovery point, or verify them",
        description="Look at the backups of an environment, and into them.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser(
        "list",
        help="list all, the newest first; exit 0 ok, 1 warning, 2 critical, 3 unknown",
        description="List backups, how their schedules are kept up, and the recovery point.",
        epilog=_LIST_STATUSES,
        failure_status=UNKNOWN_STATUS,
    )
    listing.set_defaults(run=run_list, parser=listing)
    verify = verbs.add_parser(
        "verify",
        help="read backups through and remember what came of it",
        description="Read backups to their last byte, and hold them against their checksums.",
        epilog=_VERIFY_STATUSES,
        failure_status=USAGE_STATUS,
    )
    verify.add_argument(
        "names",
        nargs="*",
        metavar="BACKUP",
        help="path below the directory or the bucket's prefix, or a name (else the newest of each "
        "place, kind and schedule)",
    )
    verify.set_defaults(run=run_verify, parser=verify)
    for verb in (listing, verify):
        add_settings_options(verb)
        add_place_options(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object instead")


def run_list(arguments: argparse.Namespace) -> int:
    """Print what there is."""
    from tui.commands.backups_verbs import list_backups
    from tui.commands.interruptible import run_interruptibly

    return run_interruptibly(lambda: list_backups(arguments))


def run_verify(arguments: argparse.Namespace) -> int:
    """Read backups through until all are read or a signal ends it."""
    from tui.commands.backups_verbs import verify_backups
    from tui.commands.interruptible import run_interruptibly

    return run_interruptibly(lambda: verify_backups(arguments))
