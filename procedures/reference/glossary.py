"""Words and abbreviations of the operations documentation."""

from dataclasses import dataclass
from functools import cache

from procedures.reference.tables import DIRECTORY, read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word and what it means here."""

    name: str
    about: str


@cache
def load_glossary() -> tuple[Term, ...]:
    """Return the terms in alphabetical order; PolicyDataError names what is wrong."""
    terms = []
    for table in read_tables(DIRECTORY / "glossary.toml", "term"):
        terms.append(Term(name=table.text("name"), about=table.text("about")))
        table.finish()
    return tuple(sorted(terms, key=lambda term: term.name.lower()))
