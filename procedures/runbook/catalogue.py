"""Reading directories of procedure documents; blocks, so call it off the event loop."""

from collections.abc import Sequence
from pathlib import Path

from procedures.errors import DocumentError, Problem
from procedures.runbook.model import Procedure
from procedures.runbook.shelf import Broken, Catalogue

__all__ = ["SHIPPED", "Broken", "Catalogue", "load"]

SHIPPED = Path(__file__).resolve().parent.parent / "catalog"
"""Where the procedures lie that come with the console."""


def load(places: Sequence[Path] = (SHIPPED,)) -> Catalogue:
    """Read every ``*.md`` below the directories among ``places``, but for README.md, and the files.

    A document that cannot be read or parsed, or whose id is taken by one before it, is broken and
    hides no other; so is a directory that cannot be read.
    """
    found: dict[str, Procedure] = {}
    broken: list[Broken] = []
    for place in places:
        try:
            paths = _documents(place)
        except OSError as error:
            broken.append(Broken(path=place, error=_unreadable(place, error)))
            continue
        for path in paths:
            try:
                procedure = _read(path)
                _refuse_taken_id(procedure, found)
            except DocumentError as error:
                broken.append(Broken(path=path, error=error))
            else:
                found[procedure.id] = procedure
    by_theme = sorted(found.values(), key=lambda procedure: (procedure.theme, procedure.title))
    return Catalogue(procedures=tuple(by_theme), broken=tuple(broken))


def _documents(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    next(place.iterdir(), None)  # rglob passes over a directory that it may not read
    return sorted(path for path in place.rglob("*.md") if path.name != "README.md")


def _read(path: Path) -> Procedure:
    # Imported here: the Markdown and YAML parsers must not delay the console's first picture.
    from procedures.runbook.parser import parse

    try:
        text = path.read_bytes().decode()
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 text", fix="Save it as UTF-8") from error
    return parse(text, path)


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
