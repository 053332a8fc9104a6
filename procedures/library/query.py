"""What an operator types into the search field: words, and filters such as ``alert:CacheDown``."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from procedures.library.entry import Entry

FACETS: Mapping[str, Callable[[Entry], Sequence[str]]] = {
    "theme": lambda entry: (entry.theme,),
    "alert": lambda entry: entry.when,
    "severity": lambda entry: entry.severity,
    "role": lambda entry: entry.roles,
    "method": lambda entry: tuple(method.value for method in entry.methods),
    "level": lambda entry: (entry.level.value,),
}
"""By what entries can be filtered and grouped, and an entry's values of it."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search.

    Attributes:
        words: Each must be found, at least by its beginning; in small letters.
        filters: Facet and beginning of a value; an entry must satisfy all of them.
        text: The words as they were typed.
    """

    words: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    text: str = ""

    def admits(self, entry: Entry) -> bool:
        """Tell whether an entry passes all filters."""
        return all(
            any(value.lower().startswith(wanted) for value in FACETS[facet](entry))
            for facet, wanted in self.filters
        )


def parse_query(typed: str) -> Query:
    """Return the search that ``typed`` asks for; a ``name:`` that is no facet is a word."""
    filters, rest = [], []
    for part in typed.split():
        facet, colon, value = part.partition(":")
        if colon and facet.lower() in FACETS:
            filters.append((facet.lower(), value.lower()))
        else:
            rest.append(part)
    text = " ".join(rest)
    return Query(words=tuple(_WORD.findall(text.lower())), filters=tuple(filters), text=text)
