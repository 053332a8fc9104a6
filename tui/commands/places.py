"""Which environment a command acts in: one of the settings, or the embedded sandbox."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.commands.arguments import UsageError
from tui.commands.chosen import chosen_settings, chosen_state
from tui.commands.demo import METHODS
from tui.settings.paths import sandbox_dir

if TYPE_CHECKING:
    from procedures.environment import Environment

SANDBOX = "sandbox"
"""Name of the embedded sandbox's environment."""


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose the embedded sandbox instead of a real environment."""
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="in the embedded sandbox; `quarterdeck demo --keep` leaves one running for a run that "
        "takes several calls",
    )
    parser.add_argument(
        "--method",
        choices=METHODS,
        default="docker",
        help="what a sandbox poses as that is started here (default: %(default)s)",
    )


def add_sandbox_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that chooses the record of sandboxes, which no team shares."""
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="runs of embedded sandboxes, whose record always stays on this machine",
    )


@asynccontextmanager
async def place_of(
    arguments: argparse.Namespace, *, named: str = "", method: str = ""
) -> "AsyncIterator[Environment]":
    """Enter the environment that the operator chose, or the one called ``named``.

    Args:
        arguments: The command line.
        named: Where a run is walked that there is already.
        method: How the service is deployed there.

    Raises:
        UsageError: The operator asked for another one than ``named``.
    """
    asked = SANDBOX if arguments.sandbox else getattr(arguments, "environment", "")
    if named and asked and asked != named:
        raise UsageError(
            f"the run is one of {named}, and not of {asked}",
            fix="Leave --environment and --sandbox out",
            status=arguments.failure_status,
        )
    if SANDBOX in (asked, named):
        async with _sandbox(method or arguments.method) as environment:
            yield environment
        return
    environment = _configured(arguments, named or asked)
    if getattr(arguments, "read_only", False):
        environment = replace(environment, read_only=True)
    yield environment


@asynccontextmanager
async def _sandbox(method: str) -> "AsyncIterator[Environment]":
    from procedures.environment import Method
    from procedures.sandbox.launcher import start

    sandbox = await start(sandbox_dir(chosen_state()), method=Method(method))
    try:
        yield sandbox.environment
    finally:
        await sandbox.stop()


def _configured(arguments: argparse.Namespace, name: str) -> "Environment":
    from procedures.targets.compose_command import with_compose
    from procedures.targets.context_pin import with_pinned_context
    from tui.settings.backup_memory import with_backup_memory

    environment = chosen_settings(arguments).environment(name)
    environment = with_compose(environment, chosen_state() / "tools")
    environment = with_pinned_context(environment, chosen_state() / "contexts")
    return with_backup_memory(environment, chosen_state())
