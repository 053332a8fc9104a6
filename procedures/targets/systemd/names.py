"""Names of units: which are asked for, and which may stand on a command line; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from procedures.environment import TargetAddress

_SUFFIXES = frozenset(
    {
        *("service", "timer", "socket", "target", "path", "mount", "automount", "swap", "device"),
        *("slice", "scope"),
    }
)
_SHOWN_SUFFIXES = frozenset({"service", "timer"})
"""Of what a pattern without a suffix finds."""
_NAME = re.compile(r"[A-Za-z0-9:_.\\@-]{1,240}")
_PATTERN = re.compile(r"[A-Za-z0-9:_.\\@*?\[\]!-]{1,240}")
_ACTED_ON = re.compile(r"[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*")
_USUAL = (
    *("postgresql", "redis", "redis-server"),
    *("llm-config-healthcheck.timer", "llm-config-backup.timer", "llm-config-cleanup.timer"),
)
"""What the service's own documents name beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an address asks for.

    Attributes:
        names: Full names, the service's own first.
        patterns: What has to be looked up first.
        refused: What no unit can be called.
        only_loaded: Whether a name that systemd does not know is of no interest.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    only_loaded: bool = False


def wanted_by(address: TargetAddress) -> Wanted:
    """Return what ``address`` asks for: its units, or else those that the documents name."""
    service = full_name(address.service)
    if not address.units:
        names = (service, *map(full_name, _USUAL))
        return Wanted(names=_distinct(names), only_loaded=True)
    patterns = tuple(each for each in address.units if is_pattern(each))
    names = tuple(each for each in address.units if not is_pattern(each))
    refused = [each for each in patterns if not _PATTERN.fullmatch(each)]
    refused += [each for each in names if not _NAME.fullmatch(each)]
    return Wanted(
        names=_distinct((service, *(full_name(each) for each in names if each not in refused))),
        patterns=tuple(each for each in patterns if each not in refused),
        refused=tuple(refused),
    )


def is_pattern(name: str) -> bool:
    """Tell whether systemctl would expand ``name``."""
    return any(sign in name for sign in "*?[")


def is_name(name: str) -> bool:
    """Tell whether a unit can be called ``name``."""
    return _NAME.fullmatch(name) is not None


def full_name(name: str) -> str:
    """Return ``name`` with its suffix; without one it is a service, as for systemctl."""
    return name if name.rpartition(".")[2] in _SUFFIXES else f"{name}.service"


def shown_name(unit: str) -> str:
    """Return what people call a unit: services go without their suffix."""
    return unit.removesuffix(".service")


def may_be_acted_on(unit: str) -> bool:
    """Tell whether ``unit`` can stand on a command line and be taken for nothing but a name."""
    return is_name(unit) and _ACTED_ON.fullmatch(unit) is not None


def found_names(listed: str, patterns: Iterable[str]) -> list[str]:
    """Return the units of a list that systemctl printed without legend, templates aside.

    A pattern that names no suffix means services and timers.
    """
    suffixes = {each.rpartition(".")[2] for each in patterns} & _SUFFIXES
    shown = suffixes | _SHOWN_SUFFIXES
    found = [line.split(maxsplit=1)[0] for line in listed.splitlines() if line.strip()]
    return [
        each
        for each in found
        if is_name(each) and "@." not in each and each.rpartition(".")[2] in shown
    ]


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
