"""``quarterdeck check``: one look, for cron and for monitoring systems."""

import argparse

from tui.commands.arguments import (
    PATIENCE_S,
    UNKNOWN_STATUS,
    Parser,
    add_settings_options,
    seconds_above_zero,
)
from tui.commands.chosen import chosen_environment

_EPILOG = """\
The first line says the verdict and carries performance data as monitoring plugins do; then comes
one line for each key indicator, health component and firing alert, and for backups and disk where
the settings name their directories. Silenced and inhibited alerts are listed and do not count.

exit status:
  0  ok
  1  warning
  2  critical
  3  unknown: something that should answer did not, or the check could not look at all

examples:
  quarterdeck check                         the default environment
  quarterdeck check -e production           another one
  quarterdeck check --json | jq .state      for programs
  quarterdeck check --timeout 30            wait longer for slow sources
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "check",
        help="look once, print one line a finding, exit 0 ok, 1 warning, 2 critical, 3 unknown",
        description="Look at every source once and report as a monitoring plugin does.",
        epilog=_EPILOG,
        failure_status=UNKNOWN_STATUS,
    )
    add_settings_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--timeout",
        type=seconds_above_zero,
        default=PATIENCE_S,
        metavar="SECONDS",
        help="how long to wait for the sources (default: %(default)g)",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Look and tell; whatever prevents the look is told on standard output too, as unknown."""
    from procedures.errors import ProcedureError
    from tui.commands.look import Style, look_and_tell
    from tui.commands.plugin_output import failure_output
    from tui.commands.snapshot_json import failure_json

    try:
        style = Style.JSON if arguments.json else Style.PLUGIN
        return look_and_tell(chosen_environment(arguments), style, arguments.timeout)
    except ProcedureError as error:
        print(failure_json(error.what, error.fix) if arguments.json else failure_output(error.what))
        raise
