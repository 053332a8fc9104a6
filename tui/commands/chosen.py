"""What the operator chose on the command line: settings, environment, state directory."""

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tui.settings.paths import settings_path, state_dir

if TYPE_CHECKING:
    from procedures.environment import Environment
    from procedures.fleet.fleet import Fleet
    from procedures.ledger.address import LedgerAddress
    from tui.settings.document import Settings


def chosen_path(arguments: Namespace) -> Path:
    """Return the settings file to use, whether or not it exists."""
    return settings_path(getattr(arguments, "config", None), os.environ)


def chosen_settings(arguments: Namespace) -> "Settings":
    """Return the settings; SettingsError if they cannot be used."""
    from tui.settings.load import load

    return load(chosen_path(arguments))


def chosen_environment(arguments: Namespace) -> "Environment":
    """Return the environment to open; SettingsError if there is none of that name."""
    from tui.settings.backup_memory import with_backup_memory

    environment = chosen_settings(arguments).environment(getattr(arguments, "environment", ""))
    return with_backup_memory(environment, chosen_state())


def chosen_fleet(arguments: Namespace) -> "Fleet":
    """Return who is watched together, read-only if the operator asked for that.

    Raises:
        SettingsError: The settings cannot be used.
    """
    from dataclasses import replace

    from tui.settings.backup_memory import with_backup_memory

    fleet, state = chosen_settings(arguments).fleet, chosen_state()
    every = {name: with_backup_memory(each, state) for name, each in fleet.environments.items()}
    fleet = replace(fleet, environments=every)
    return fleet.read_only() if getattr(arguments, "read_only", False) else fleet


def chosen_procedures(arguments: Namespace) -> tuple[Path, ...]:
    """Return the directories of documents: those of the command line, then the settings'.

    Without a settings file there is what is shipped.

    Raises:
        SettingsError: There are settings, and they cannot be used.
    """
    named = tuple(path.absolute() for path in getattr(arguments, "procedures", ()))
    if hasattr(arguments, "config") or chosen_path(arguments).exists():
        return (*named, *chosen_settings(arguments).procedures)
    from procedures.runbook.catalogue import SHIPPED

    return (*named, SHIPPED)


def chosen_policy(arguments: Namespace) -> Path | None:
    """Return the policy file that the settings name; None for that of the machine.

    Raises:
        SettingsError: There are settings, and they cannot be used.
    """
    if hasattr(arguments, "config") or chosen_path(arguments).exists():
        return chosen_settings(arguments).policy
    return None


def chosen_ledger(arguments: Namespace) -> "LedgerAddress | None":
    """Return where the settings say that the team keeps its record; None for this machine's own.

    Raises:
        SettingsError: There are settings, and they cannot be used.
    """
    if hasattr(arguments, "config") or chosen_path(arguments).exists():
        return chosen_settings(arguments).ledger
    return None


def chosen_state() -> Path:
    """Return the state directory of this operator."""
    return state_dir(os.environ)
