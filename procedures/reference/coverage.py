"""Which documents serve each section of the operations README."""

from dataclasses import dataclass
from functools import cache

from procedures.reference.tables import DIRECTORY, read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the operations README, and the ids of what serves it."""

    part: str
    name: str
    served_by: tuple[str, ...]


@cache
def load_coverage() -> tuple[Section, ...]:
    """Return the sections in the README's order; PolicyDataError names what is wrong."""
    sections = []
    for table in read_tables(DIRECTORY / "coverage.toml", "section"):
        section = Section(
            part=table.text("part"), name=table.text("name"), served_by=table.texts("served_by")
        )
        table.finish()
        if not section.served_by:
            raise table.error("served_by", "nothing serves it", fix="Name a document")
        sections.append(section)
    return tuple(sections)
