"""Inputs of a procedure on the command line; a secret one never stands there itself."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.answers import given_once
from tui.commands.arguments import UsageError

if TYPE_CHECKING:
    from procedures.environment import Secret
    from procedures.runbook.model import Procedure

_SOURCES = "env:VARIABLE or file:PATH"


def add_input_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that give inputs."""
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        dest="inputs",
        metavar="NAME=VALUE",
        help="value of an input; may be repeated",
    )
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        dest="secrets",
        metavar="NAME=SOURCE",
        help=f"where a secret input comes from: {_SOURCES}; may be repeated",
    )


def inputs_of(arguments: argparse.Namespace, procedure: "Procedure") -> Mapping[str, str]:
    """Return the inputs that are not secret, as they were given; UsageError for a secret one."""
    status = arguments.failure_status
    given = given_once("--input", arguments.inputs, read=lambda _, value: value, status=status)
    for name in given:
        asked = procedure.inputs.get(name)
        if asked is not None and asked.secret:
            raise UsageError(
                f"input {name} is a secret: every user of this machine could read it here",
                fix=f"Write --secret {name}=SOURCE, which is {_SOURCES}",
                status=status,
            )
    return given


def secrets_of(
    arguments: argparse.Namespace, procedure: "Procedure", *, required: bool
) -> Mapping[str, str]:
    """Return the secret inputs; those that are missing are asked for on a terminal.

    Args:
        arguments: The command line.
        procedure: What asks for them.
        required: Without a terminal, let the missing ones be an error later.
    """
    status = arguments.failure_status
    sources = given_once("--secret", arguments.secrets, read=_Sources(status).read, status=status)
    wanted = {name: asked for name, asked in procedure.inputs.items() if asked.secret}
    for name in sources:
        if name not in wanted:
            raise UsageError(
                f"{procedure.id} has no secret input {name}",
                fix=f"Write --input {name}=VALUE" if name in procedure.inputs else "Leave it out",
                status=status,
            )
    found = {name: _resolved(name, source, status) for name, source in sources.items()}
    missing = [name for name, asked in wanted.items() if name not in found and not asked.default]
    if missing and sys.stdin.isatty():
        import getpass

        optional = "" if required else " (Enter: not now)"
        for name in missing:
            if value := getpass.getpass(f"{name}{optional}: "):
                found[name] = value
    elif missing and required:
        raise UsageError(
            f"{procedure.id} needs the secret {', '.join(missing)}",
            fix=f"Write --secret {missing[0]}=SOURCE, which is {_SOURCES}",
            status=status,
        )
    return found


class _Sources:
    def __init__(self, status: int) -> None:
        self._status = status

    def read(self, name: str, written: str) -> "Secret":
        from procedures.environment import Secret

        kind, _, place = written.partition(":")
        if kind == "env" and place:
            return Secret(env=place)
        if kind == "file" and place:
            return Secret(file=Path(place).expanduser())
        # What is written may be the secret itself: it is not repeated.
        raise UsageError(
            f"--secret {name}: its source is not understood",
            fix=f"Write --secret {name}=SOURCE, which is {_SOURCES}",
            status=self._status,
        )


def _resolved(name: str, source: "Secret", status: int) -> str:
    from procedures.errors import SourceError
    from procedures.signals.secrets import resolve

    try:
        return resolve(source)
    except SourceError as error:
        raise UsageError(f"secret {name}: {error.what}", fix=error.fix, status=status) from error
