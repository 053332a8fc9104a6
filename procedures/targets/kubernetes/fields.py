"""Fields of API objects, read without trust in what is there; pure.

The client's own models refuse what their version does not know, and a console must go on when a
cluster is older or newer than the client. So answers stay JSON, and what is absent, ``null`` or of
another type than it should be reads as nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]
"""An object as the parser made it: a dictionary, which nobody changes."""


def field(of: object, *path: str) -> object:
    """Return what stands at ``path``; None where nothing does."""
    for name in path:
        if not isinstance(of, dict):
            return None
        of = of.get(name)
    return of


def part(of: object, *path: str) -> Json:
    """Return the object at ``path``; an empty one where there is none."""
    found = field(of, *path)
    return found if isinstance(found, dict) else {}


def parts(of: object, *path: str) -> list[Json]:
    """Return the objects in the list at ``path``."""
    found = field(of, *path)
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, dict)]


def text(of: object, *path: str) -> str:
    """Return the text at ``path``; an empty one where there is none."""
    found = field(of, *path)
    return found if isinstance(found, str) else ""


def number(of: object, *path: str) -> int | None:
    """Return the whole number at ``path``."""
    found = field(of, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def count(of: object, *path: str) -> int:
    """Return the number at ``path``; a status leaves out what is zero."""
    return number(of, *path) or 0


def instant(of: object, *path: str) -> datetime | None:
    """Return the time at ``path``, in UTC."""
    try:
        found = datetime.fromisoformat(text(of, *path))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def name_of(thing: Json) -> str:
    """Return the name of an API object."""
    return text(thing, "metadata", "name")


def controller_of(thing: Json) -> tuple[str, str]:
    """Return kind and name of what controls an object; empty texts where nothing does."""
    for owner in parts(thing, "metadata", "ownerReferences"):
        if owner.get("controller") is True:
            return text(owner, "kind"), text(owner, "name")
    return "", ""


def condition(thing: Json, kind: str) -> Json:
    """Return a condition of an object's status."""
    found = (each for each in parts(thing, "status", "conditions") if each.get("type") == kind)
    return next(found, {})
