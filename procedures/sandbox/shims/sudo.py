"""sudo: runs the rest, for the sandbox has no other user."""

import os
import sys
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError


def run(_: Control, argv: list[str]) -> int:
    """Become the command; only its own shims are found first, as PATH says."""
    parser = Parser("sudo")
    parser.add_argument("-n", "--non-interactive", action="store_true")
    parser.add_argument("command", nargs="...")
    command = parser.parse_args(argv).command
    if not command:
        raise UnknownUsageError("sudo without a command")
    sys.stdout.flush()
    try:
        os.execvp(command[0], command)  # noqa: S606 - that is what sudo is for
    except FileNotFoundError as error:
        raise ToolError(f"sudo: {Path(command[0]).name}: command not found") from error
