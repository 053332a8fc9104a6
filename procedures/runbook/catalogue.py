"""Reading directories of procedure documents; blocks, so call it off the event loop."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from procedures.errors import DocumentError, Problem
from procedures.runbook.documents import SHIPPED, names_of, read_document, unreadable
from procedures.runbook.model import Procedure
from procedures.runbook.scan import documents
from procedures.runbook.shelf import Broken, Catalogue

__all__ = ["SHIPPED", "Broken", "Catalogue", "load"]


def load(places: Sequence[Path] = (SHIPPED,)) -> Catalogue:
    """Read the documents at or below ``places``, as :func:`documents` finds them.

    Outside the shipped catalogue a document without our ``id`` is a plain runbook of some team,
    which is read as well as can be. A document that cannot be read or parsed, or whose id is
    taken by one before it, is broken and hides no other; so is a directory that cannot be read.
    """
    found: dict[str, Procedure] = {}
    broken: list[Broken] = []
    notes: dict[Path, tuple[Problem, ...]] = {}
    for place in places:
        try:
            paths = [found.path for found in documents(place)]
        except OSError as error:
            broken.append(Broken(path=place, error=unreadable(place, error)))
            continue
        for path in paths:
            try:
                document = read_document(path)
                names = names_of(document)
                free = next((name for name in names if name not in found), names[-1])
                procedure = replace(document.procedure, id=free)
                _refuse_taken_id(procedure, found)
            except DocumentError as error:
                broken.append(Broken(path=path, error=error))
            else:
                found[procedure.id] = procedure
                if document.foreign:
                    notes[path] = document.notes
    by_theme = sorted(found.values(), key=lambda procedure: (procedure.theme, procedure.title))
    return Catalogue(
        procedures=tuple(by_theme), broken=tuple(broken), notes=MappingProxyType(notes)
    )


def _refuse_taken_id(procedure: Procedure, found: dict[str, Procedure]) -> None:
    if taken := found.get(procedure.id):
        problem = Problem(
            line=1,
            text=f"id '{procedure.id}' is taken by {taken.path}",
            fix="Give one of them another id and file name",
            code="duplicate-id",
        )
        what = f"{procedure.path}:{problem.line}: {problem.text}"
        raise DocumentError(what, fix=problem.fix, problems=(problem,))
