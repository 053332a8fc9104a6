"""Documents by their id, as a command line names them."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from procedures.errors import DocumentError
from tui.commands.chosen import chosen_procedures
from tui.settings.paths import library_path

if TYPE_CHECKING:
    from procedures.library.entry import Entry
    from procedures.library.library import Library
    from procedures.runbook.model import Procedure


@contextmanager
def library_of(arguments: argparse.Namespace) -> "Iterator[Library]":
    """Open the library of the directories that the operator chose."""
    from procedures.library.library import Library
    from procedures.library.pages import pages

    library = Library(chosen_procedures(arguments), index=library_path(os.environ), pages=pages())
    try:
        yield library
    finally:
        library.close()


def entry_named(library: "Library", id: str) -> "Entry":
    """Return the entry of that id; DocumentError with the nearest one if there is none."""
    from procedures.runbook.problems import nearest

    shelf = library.read_all()
    entry = shelf.get(id)
    broken = next((each for each in shelf.entries if each.id == id), None)
    if entry is None and broken is not None:
        raise DocumentError(broken.problem, fix=f"See `quarterdeck lint {broken.path}`")
    if entry is None:
        raise DocumentError(
            f"there is no procedure '{id}'", fix=nearest(id, [each.id for each in shelf.entries])
        )
    return entry


def procedure_named(arguments: argparse.Namespace, id: str) -> "Procedure":
    """Return the procedure of that id; DocumentError if it cannot be walked."""
    with library_of(arguments) as library:
        entry = entry_named(library, id)
        if entry.kind.value == "page":
            raise DocumentError(
                f"{id} is a page to read, not a procedure",
                fix=f"Read it: `quarterdeck procedures show {id}`",
            )
        return library.open(entry).procedure
