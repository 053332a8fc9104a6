"""The document as it was when a run began, kept in the run's folder: what its way back needs."""

from pathlib import Path

from procedures.errors import DocumentError, RunError
from procedures.execution.private_files import make_folder, write_atomically
from procedures.runbook.documents import read_document
from procedures.runbook.model import Procedure

_PLACE = "document"


def keep(procedure: Procedure, folder: Path) -> None:
    """Write the document into the run's folder; RunError if that is not possible."""
    # Name and directory say what a document is called and what it belongs to.
    above = procedure.path.absolute().parent.name or "_"
    place = folder / _PLACE / above / procedure.path.name
    try:
        make_folder(place.parent)
        write_atomically(place, procedure.source)
    except OSError as error:
        raise RunError(
            f"the folder of the run cannot be made: {folder}: {error.strerror}",
            fix=f"Check the free space and the permissions of {folder.parent}",
        ) from error


def recall(folder: Path, digest: str) -> Procedure | None:
    """Return the document of that digest as it was kept; None if it is not there any more."""
    for path in sorted((folder / _PLACE).glob("*/*")):
        try:
            procedure = read_document(path).procedure
        except DocumentError:
            continue
        if procedure.digest == digest:
            return procedure
    return None
