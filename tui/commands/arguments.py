"""The command line's own parser: errors that an operator can act on, and options shared by all."""

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from procedures.errors import ProcedureError

USAGE_STATUS = 2
UNKNOWN_STATUS = 3
"""What a monitoring plugin exits with when it cannot tell."""

PATIENCE_S = 10.0
"""Seconds to wait for the sources unless the operator says otherwise."""

LONGEST_PATIENCE_S = 3600.0

_CHOICE = re.compile(r"invalid choice: '?([^' ]*)'? \(choose from (.*)\)")
_OPTION = re.compile(r"--[a-z-]+")


class UsageError(ProcedureError):
    """The command line is not understood.

    Attributes:
        status: What to exit with.
    """

    def __init__(self, what: str, *, fix: str, status: int) -> None:
        super().__init__(what, fix=fix)
        self.status = status


class Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError, naming the nearest word, and never abbreviates.

    Args:
        failure_status: Exit status when the command cannot do its work at all.
        options: What argparse itself takes.
    """

    def __init__(self, *, failure_status: int = USAGE_STATUS, **options: object) -> None:
        super().__init__(
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **options,  # type: ignore[arg-type]
        )
        self.failure_status = failure_status
        self.set_defaults(failure_status=failure_status)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of leaving the process."""
        raise UsageError(message, fix=self._advice(message), status=self.failure_status)

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse ``words``; an option that is not known is answered with the nearest."""
        arguments, unknown = self.parse_known_args(words)
        if unknown:
            chosen: Parser = getattr(arguments, "parser", self)
            raise UsageError(
                f"unknown argument '{unknown[0]}'",
                fix=chosen.near_option(unknown[0]),
                status=arguments.failure_status,
            )
        return arguments

    def near_option(self, word: str) -> str:
        """Return advice that names the option nearest to ``word``."""
        options = sorted(set(_OPTION.findall(self.format_help())))
        near = get_close_matches(word.partition("=")[0], options, n=1)
        return f"Did you mean '{near[0]}'?" if near else f"See `{self.prog} --help`"

    def _advice(self, message: str) -> str:
        if not (choice := _CHOICE.search(message)):
            return f"See `{self.prog} --help`"
        known = re.findall(r"[\w-]+", choice[2])
        near = get_close_matches(choice[1], known, n=1)
        return f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(known)}"


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose settings and environment.

    They are understood before and behind the command's name, hence no default here.
    """
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="settings file (else $QUARTERDECK_CONFIG, else ~/.config/quarterdeck/settings.toml)",
    )
    parser.add_argument(
        "-e",
        "--environment",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="environment of the settings file (else its default)",
    )


def add_procedures_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names directories of documents."""
    parser.add_argument(
        "--procedures",
        type=Path,
        action="append",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="show the runbooks of this directory as well; may be repeated",
    )


def seconds_above_zero(text: str) -> float:
    """Return a number of seconds; ArgumentTypeError says what is wrong with it."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= LONGEST_PATIENCE_S:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no number of seconds above 0 and up to {LONGEST_PATIENCE_S:g}"
        )
    return number
