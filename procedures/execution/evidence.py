"""Files that an operator adds to the record of a run: screenshots, exports, excerpts of logs."""

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from procedures.errors import RunError
from procedures.execution.redaction import Redactor

LIMIT = 16 * 1024**2
"""Bytes of one file; what is larger belongs elsewhere, and a note says where."""

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that was copied into a run's folder, without secrets.

    Attributes:
        name: Of the copy, below the folder's ``evidence``.
        sha256: Of the copy, hexadecimal.
    """

    name: str
    sha256: str


def keep(path: Path, folder: Path, secrets: Sequence[str] = ()) -> Evidence:
    """Copy ``path`` into the run's ``folder``; RunError if that is not possible; blocks."""
    try:
        with path.expanduser().open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise RunError(f"{path} is no file", fix="Name a file")
            if status.st_size > LIMIT:
                raise RunError(
                    f"{path} is larger than {LIMIT // 1024**2} MiB", fix="Note where it is kept"
                )
            redactor = Redactor(secrets)
            parts = [redactor.feed(chunk) for chunk in iter(lambda: file.read(_CHUNK), b"")]
        content = b"".join(parts) + redactor.close()
        digest = hashlib.sha256(content).hexdigest()
        place = folder / "evidence" / f"{digest[:12]}-{path.name}"
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.touch(mode=0o600)
        place.write_bytes(content)
    except OSError as error:
        raise RunError(
            f"{path} cannot be added to the record: {error.strerror}",
            fix="Check that it can be read, and the free space of the state directory",
        ) from error
    return Evidence(name=place.name, sha256=digest)
