"""Command lines that the shims take, and the loud refusal of everything else."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

UNKNOWN = 64
"""Exit status for what the real tool may know, but the sandbox does not."""


class UnknownUsageError(Exception):
    """The sandbox does not know this use of the tool."""


class ToolError(Exception):
    """The real tool would fail here.

    Attributes:
        status: Its exit status.
    """

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


class Parser(argparse.ArgumentParser):
    """An argument parser without help and abbreviations; what it does not know raises."""

    def __init__(self, prog: str = "", **options: object) -> None:
        parents = options.get("parents", [])
        assert isinstance(parents, list)  # noqa: S101 - ours
        super().__init__(prog=prog, add_help=False, allow_abbrev=False, parents=parents)

    def parse_mixed(
        self, argv: Sequence[str], spill: str, options: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse words that may follow options, too; those left over join the list ``spill``."""
        found, rest = self.parse_known_args(argv, options)
        words = getattr(found, spill, None)
        if rest and (not isinstance(words, list) or any(word.startswith("-") for word in rest)):
            raise UnknownUsageError(f"unrecognized arguments: {' '.join(rest)}")
        if rest and isinstance(words, list):
            words.extend(rest)
        return found

    def error(self, message: str) -> NoReturn:
        """Raise UnknownUsageError."""
        raise UnknownUsageError(message)


def say(text: str) -> None:
    """Print a line as the tool's output; nothing for an empty text."""
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def complain(text: str) -> None:
    """Print a line on standard error."""
    sys.stderr.write(f"{text}\n")


def table(rows: list[tuple[str, ...]], gap: int = 3) -> str:
    """Return rows in columns as wide as their widest cell, without blanks at the ends."""
    widths = [max(len(cell) for cell in column) + gap for column in zip(*rows, strict=True)]
    return "\n".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
