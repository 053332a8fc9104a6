"""The program ``quarterdeck``: reads the command line, runs one command, tells what went wrong."""

import os
import sys
from collections.abc import Sequence

from procedures.errors import ProcedureError
from tui.commands import (
    approve,
    backups,
    check,
    config,
    console,
    demo,
    fleet,
    ledger,
    lint,
    policy,
    procedures,
    risk,
    run,
    runs,
    schema,
    service,
)
from tui.commands.arguments import UsageError

COMMANDS = (
    demo,
    check,
    fleet,
    backups,
    service,
    procedures,
    run,
    runs,
    approve,
    policy,
    lint,
    risk,
    schema,
    config,
    ledger,
)
"""In the order of the help."""

INTERRUPTED_STATUS = 130
BROKEN_PIPE_STATUS = 141


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that ``words`` ask for; return the exit status."""
    program = console.parser()
    commands = program.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # A locale without our signs must not end a report in the middle, nor an odd byte its input.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        arguments = program.parse(sys.argv[1:] if words is None else words)
    except UsageError as error:
        return _complain(error, error.status)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except UsageError as error:
        return _complain(error, error.status)
    except ProcedureError as error:
        return _complain(error, arguments.failure_status)
    except KeyboardInterrupt:
        return INTERRUPTED_STATUS
    except BrokenPipeError:
        # The interpreter would fail again when it flushes what nobody reads.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE_STATUS
    except Exception:  # noqa: BLE001 - a check that fails must not exit 1, which means warning
        import traceback

        traceback.print_exc()
        return int(arguments.failure_status)
    return status


def _complain(error: ProcedureError, status: int) -> int:
    sys.stderr.write(f"quarterdeck: {error.what}\n")
    if error.fix:
        sys.stderr.write(f"  {error.fix}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
