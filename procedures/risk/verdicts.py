"""A judgement on one command, and short ways to write tables of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from procedures.reference.levels import Level


@dataclass(frozen=True, slots=True)
class Verdict:
    """How dangerous a command is, and why in a few words."""

    level: Level
    reason: str = ""


HARMLESS = Verdict(Level.READ)


def reads(names: str) -> dict[str, Verdict]:
    """Return a table of names, separated by commas, that change nothing."""
    return dict.fromkeys(_names(names), HARMLESS)


def changes(names: str, reason: str) -> dict[str, Verdict]:
    """Return a table of names, separated by commas, that change something for ``reason``."""
    return dict.fromkeys(_names(names), change(reason))


def destroys(names: str, reason: str) -> dict[str, Verdict]:
    """Return a table of names, separated by commas, that destroy something for ``reason``."""
    return dict.fromkeys(_names(names), destructive(reason))


def change(reason: str) -> Verdict:
    """Return a verdict of CHANGE."""
    return Verdict(Level.CHANGE, reason)


def destructive(reason: str) -> Verdict:
    """Return a verdict of DESTRUCTIVE."""
    return Verdict(Level.DESTRUCTIVE, reason)


def worse(*verdicts: Verdict) -> Verdict:
    """Return the most dangerous verdict; the first of equals."""
    return max(verdicts, key=lambda verdict: verdict.level.rank)


Verbs = Mapping[str, Verdict]


def _names(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]
