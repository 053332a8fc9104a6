"""Names and tiers of environments, taken from where they were found; pure."""

import re
from collections.abc import Iterable, Iterator

from procedures.environment import Tier

_LONGEST = 48
_ODD = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_WORD = re.compile(r"docker-desktop|[a-z]+")
_TIERS = {
    Tier.PRODUCTION: re.compile(r"prod|prd|production|live"),
    Tier.STAGING: re.compile(r"stag|stage|staging|preprod"),
    Tier.DEVELOPMENT: re.compile(
        r"dev|devel|develop|development|test|tests|testing|local|localhost|minikube|kind"
        r"|docker-desktop"
    ),
}
"""What stands for a tier in a name; the first of them wins, because it guards most."""


def safe_name(text: str, otherwise: str) -> str:
    """Return a name that the settings accept: of a path such as an ARN its last part."""
    last = text.rstrip("/").rpartition("/")[2]
    name = _ODD.sub("-", last).lstrip("._-")[:_LONGEST].rstrip("._-")
    return name or otherwise


def unique_names(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, numbered where they were there already."""
    taken: set[str] = set()
    for name in names:
        number, unique = 1, name
        while unique in taken:
            number += 1
            unique = f"{name}-{number}"
        taken.add(unique)
        yield unique


def guessed_tier(names: Iterable[str]) -> tuple[Tier, str]:
    """Return how much is at stake, and the word that says so; without one it is production."""
    words = [word for name in names for word in _WORD.findall(name.lower())]
    for tier, pattern in _TIERS.items():
        for word in words:
            if pattern.fullmatch(word):
                return tier, word
    return Tier.PRODUCTION, ""
