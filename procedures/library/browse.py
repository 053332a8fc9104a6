"""Entries in groups: by theme, by alert, by severity or by role."""

from collections.abc import Iterable, Sequence

from procedures.library.entry import Entry
from procedures.library.query import FACETS

BROWSED = ("theme", "alert", "severity", "role")
"""The facets by which an operator browses, in the order of the key that goes through them."""


def groups_by(facet: str, entries: Iterable[Entry]) -> list[tuple[str, Sequence[Entry]]]:
    """Return the groups of a facet by name; an entry with several values stands in each of them.

    Those without a value come last, in a group whose name is empty.
    """
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        for value in FACETS[facet](entry) or ("",):
            groups.setdefault(value, []).append(entry)
    return sorted(groups.items(), key=lambda group: (not group[0], group[0].lower()))
