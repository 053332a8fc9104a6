"""Where the console remembers which backups it has verified."""

from dataclasses import replace
from pathlib import Path

from procedures.environment import Environment


def with_backup_memory(environment: Environment, state: Path) -> Environment:
    """Return the environment with a file of verifications below the state directory."""
    memory = state / "backups" / f"{_safe(environment.name)}.json"
    return replace(environment, backups=replace(environment.backups, memory=memory))


def _safe(name: str) -> str:
    # A quoted key of the settings may hold anything.
    return "".join(each if each.isalnum() or each in "-_" else f"%{ord(each):x}" for each in name)
