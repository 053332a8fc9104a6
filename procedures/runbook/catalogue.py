"""Reading directories of procedure documents; blocks, so call it off the event loop."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from procedures.errors import DocumentError, Problem
from procedures.runbook.foreign.recognition import is_foreign
from procedures.runbook.model import Procedure
from procedures.runbook.shelf import Broken, Catalogue

__all__ = ["SHIPPED", "Broken", "Catalogue", "load"]

SHIPPED = Path(__file__).resolve().parent.parent / "catalog"
"""Where the procedures lie that come with the console."""


def load(places: Sequence[Path] = (SHIPPED,)) -> Catalogue:
    """Read every ``*.md`` below the directories among ``places``, but for README.md, and the files.

    Outside the shipped catalogue a document without our ``id`` is a plain runbook of some team,
    which is read as well as can be. A document that cannot be read or parsed, or whose id is
    taken by one before it, is broken and hides no other; so is a directory that cannot be read.
    """
    found: dict[str, Procedure] = {}
    broken: list[Broken] = []
    notes: dict[Path, tuple[Problem, ...]] = {}
    for place in places:
        try:
            paths = _documents(place)
        except OSError as error:
            broken.append(Broken(path=place, error=_unreadable(place, error)))
            continue
        for path in paths:
            try:
                text = _text_of(path)
                if _is_foreign(text, path):
                    procedure, notes[path] = _import(text, path, found)
                else:
                    procedure = _parse(text, path)
                _refuse_taken_id(procedure, found)
            except DocumentError as error:
                broken.append(Broken(path=path, error=error))
            else:
                found[procedure.id] = procedure
    by_theme = sorted(found.values(), key=lambda procedure: (procedure.theme, procedure.title))
    return Catalogue(
        procedures=tuple(by_theme), broken=tuple(broken), notes=MappingProxyType(notes)
    )


def _documents(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    next(place.iterdir(), None)  # rglob passes over a directory that it may not read
    return sorted(path for path in place.rglob("*.md") if path.name != "README.md")


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 text", fix="Save it as UTF-8") from error


def _is_foreign(text: str, path: Path) -> bool:
    return not path.resolve().is_relative_to(SHIPPED) and is_foreign(text)


def _parse(text: str, path: Path) -> Procedure:
    # Imported here: the Markdown and YAML parsers must not delay the console's first picture.
    from procedures.runbook.parser import parse

    return parse(text, path)


def _import(
    text: str, path: Path, found: Mapping[str, Procedure]
) -> tuple[Procedure, tuple[Problem, ...]]:
    """Return a plain runbook with notes; if its file's name is taken, its folder's goes before."""
    from procedures.runbook.foreign.importer import read_foreign

    imported = read_foreign(text, path)
    if imported.procedure is None:
        problem = imported.notes[0]
        what = f"{path}:{problem.line}: {problem.text}"
        raise DocumentError(what, fix=problem.fix, problems=imported.notes)
    procedure = imported.procedure
    names = [procedure.id, *(f"{folder}-{procedure.id}" for folder in [procedure.theme] if folder)]
    free = next((name for name in names if name not in found), names[-1])
    return replace(procedure, id=free), imported.notes


def _unreadable(path: Path, error: OSError) -> DocumentError:
    return DocumentError(f"{path}: cannot be read: {error.strerror}", fix="Check path and rights")


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
