"""``quarterdeck``: the console itself, or one plain dashboard where there is no terminal."""

import argparse
from dataclasses import replace

from tui.commands.arguments import (
    UNKNOWN_STATUS,
    Parser,
    add_procedures_option,
    add_settings_options,
)
from tui.commands.chosen import (
    chosen_environment,
    chosen_fleet,
    chosen_ledger,
    chosen_policy,
    chosen_procedures,
    chosen_state,
)
from tui.version import VERSION

_EPILOG = """\
examples:
  quarterdeck demo                      look around on a real service of its own; needs no settings
  quarterdeck config init               write a settings file to edit
  quarterdeck                           open the console on the default environment
  quarterdeck -e staging --read-only    open it on another one, without acting
  quarterdeck fleet                     all environments at once, worst first
  quarterdeck check -e production       one look for cron or Nagios; exits 0, 1, 2 or 3
  quarterdeck | cat                     one plain dashboard, for a pipe or a mail

`quarterdeck COMMAND --help` tells more. In the console, ? lists the keys.
"""


def parser() -> Parser:
    """Return the parser of the program, still without its commands."""
    program = Parser(
        prog="quarterdeck",
        description="The watch-keeper's console for LLM Config Manager: watch the service, "
        "walk checked procedures, keep the record.",
        epilog=_EPILOG,
    )
    add_settings_options(program)
    add_procedures_option(program)
    program.add_argument(
        "--read-only", action="store_true", help="run nothing that changes anything"
    )
    program.add_argument("--version", action="version", version=f"quarterdeck {VERSION}")
    program.set_defaults(run=run, parser=program)
    return program


def run(arguments: argparse.Namespace) -> int:
    """Open the console; where standard input or output is no terminal, print one dashboard."""
    from tui.commands.opening import at_a_terminal, open_console

    if not at_a_terminal():
        from tui.commands.look import Style, look_and_tell

        arguments.failure_status = UNKNOWN_STATUS
        return look_and_tell(chosen_environment(arguments), Style.DASHBOARD)
    environment = chosen_environment(arguments)
    procedures = chosen_procedures(arguments)
    if arguments.read_only:
        environment = replace(environment, read_only=True)
    return open_console(
        environment,
        demo=None,
        state_dir=chosen_state(),
        procedures=procedures,
        policy=chosen_policy(arguments),
        ledger=chosen_ledger(arguments),
        fleet=chosen_fleet(arguments),
    )
