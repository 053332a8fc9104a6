"""Who may run what, and what an operator must do first; pure."""

from enum import Enum

from procedures.environment import Environment, Tier
from procedures.errors import RunError
from procedures.reference.levels import Level, highest
from procedures.runbook.model import Command


class Confirmation(Enum):
    """What an operator does before a command runs."""

    NONE = "none"
    DIALOG = "dialog"
    TYPED = "typed"


_CONFIRMATIONS = {
    Level.READ: Confirmation.NONE,
    Level.CHANGE: Confirmation.DIALOG,
    Level.DESTRUCTIVE: Confirmation.TYPED,
}


def effective_level(declared: Level, found: Level, tier: Tier) -> Level:
    """Return the higher of what the document declares and what the analysis finds.

    In production a change counts as destructive.
    """
    level = highest(declared, found)
    if tier is Tier.PRODUCTION and level is Level.CHANGE:
        return Level.DESTRUCTIVE
    return level


def confirmation(level: Level) -> Confirmation:
    """Return what an operator does before a command of ``level`` runs."""
    return _CONFIRMATIONS[level]


def confirm_word(command: Command, environment: Environment) -> str:
    """Return the name to type before ``command`` when it is destructive."""
    return command.confirm or environment.name


def require_permitted(level: Level, environment: Environment) -> None:
    """Raise RunError if ``environment`` is read-only and ``level`` is more than reading."""
    if environment.read_only and level is not Level.READ:
        raise RunError(
            f"environment {environment.name} is read-only here, and this step is a {level.value}",
            fix="Open the console without --read-only, if you may",
        )


def require_runnable(command: Command | None) -> None:
    """Raise RunError for a command that a step of the console cannot run."""
    if command is None:
        return
    if command.interactive:
        why = "asks questions of its own, and a step has no keyboard"
    elif command.background:
        why = "stays behind, and a step runs to its end"
    else:
        return
    raise RunError(
        f"this command {why}",
        fix="Run it in a terminal of your own, then skip the step here and say so",
    )
