"""Reading one document: ours strictly, anybody else's with patience; blocks."""

from dataclasses import dataclass
from pathlib import Path

from procedures.errors import DocumentError, Problem
from procedures.runbook.model import Procedure


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


def read_document(path: Path, *, strict: bool) -> Document:
    """Return the document at ``path``.

    Args:
        path: Where it lies.
        strict: Refuse what is not written in our format, instead of making the best of it.

    Raises:
        DocumentError: It cannot be read, or something is wrong with it.
    """
    # Imported here: the Markdown and YAML parsers must not delay the console's first picture.
    from procedures.runbook.parser import parse

    return Document(procedure=parse(_text(path), path))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise DocumentError(
            f"{path}: cannot be read: {error.strerror}", fix="Check path and rights"
        ) from error
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 text", fix="Save it as UTF-8") from error
