"""What of a document can be searched, by how much a match in it counts."""

from typing import NamedTuple

from procedures.library.entry import Entry
from procedures.runbook.model import Procedure


class Texts(NamedTuple):
    """The columns of the index; a match in an earlier one counts more."""

    title: str
    names: str
    summary: str
    commands: str
    prose: str


def texts_of(entry: Entry, procedure: Procedure | None, source: str = "") -> Texts:
    """Return the texts of a document; ``source`` is its Markdown where there is no procedure."""
    names = (entry.id, entry.theme, *entry.when, *entry.severity, *entry.roles, entry.path.name)
    commands: tuple[str, ...] = ()
    if procedure is not None:
        source = procedure.source
        commands = tuple(
            command.script for step in procedure.steps for command in (*step.commands, *step.undo)
        )
    return Texts(entry.title, " ".join(names), entry.summary, "\n".join(commands), source)
