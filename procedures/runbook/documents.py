"""Reading one document: ours strictly, anybody else's with patience; blocks."""

from dataclasses import dataclass
from pathlib import Path

from procedures.errors import DocumentError, Problem
from procedures.runbook.foreign.recognition import is_foreign
from procedures.runbook.model import Procedure

SHIPPED = Path(__file__).resolve().parent.parent / "catalog"
"""Where the procedures lie that come with the console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that can be used.

    Attributes:
        notes: What of a foreign document was not understood.
        foreign: Whether it is a plain runbook, without our front matter.
    """

    procedure: Procedure
    notes: tuple[Problem, ...] = ()
    foreign: bool = False


def read_document(path: Path) -> Document:
    """Return the document at ``path``; outside the shipped catalogue plain runbooks are read too.

    Raises:
        DocumentError: It cannot be read, or something is wrong with it.
    """
    text = _text_of(path)
    if not path.resolve().is_relative_to(SHIPPED) and is_foreign(text):
        return _imported(text, path)
    # Imported here: the Markdown and YAML parsers must not delay the console's first picture.
    from procedures.runbook.parser import parse

    return Document(procedure=parse(text, path))


def unreadable(path: Path, error: OSError) -> DocumentError:
    """Return what to tell of a file or directory that cannot be read."""
    return DocumentError(f"{path}: cannot be read: {error.strerror}", fix="Check path and rights")


def names_of(document: Document) -> tuple[str, ...]:
    """Return the ids that a document may have, the one that it prefers first.

    A plain runbook is called after its file; if that is taken, its folder's name goes before.
    """
    procedure = document.procedure
    if not document.foreign or not procedure.theme:
        return (procedure.id,)
    return procedure.id, f"{procedure.theme}-{procedure.id}"


def _imported(text: str, path: Path) -> Document:
    from procedures.runbook.foreign.importer import read_foreign

    imported = read_foreign(text, path)
    if imported.procedure is None:
        problem = imported.notes[0]
        what = f"{path}:{problem.line}: {problem.text}"
        raise DocumentError(what, fix=problem.fix, problems=imported.notes)
    return Document(procedure=imported.procedure, notes=imported.notes, foreign=True)


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 text", fix="Save it as UTF-8") from error
