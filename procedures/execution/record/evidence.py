"""Files that an operator adds to the record of a run: screenshots, exports, excerpts of logs."""

import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from procedures.errors import RunError
from procedures.execution.cleaning import clean_line
from procedures.execution.private_files import make_folder, write_atomically
from procedures.execution.secrets.redaction import Redactor, redact

LIMIT = 16 * 1024**2
"""Bytes of one file; what is larger belongs elsewhere, and a note says where."""

_CHUNK = 64 * 1024
_NAME_LIMIT = 200
"""Bytes of a name; file systems take 255, and the fingerprint stands before it."""


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
        content = _without_secrets(path.expanduser(), secrets)
        digest = hashlib.sha256(content).hexdigest()
        place = folder / "evidence" / f"{digest[:12]}-{_shown_name(path, secrets)}"
        make_folder(place.parent)
        write_atomically(place, content)
    except (OSError, ValueError, RuntimeError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise RunError(
            f"{path} cannot be added to the record: {cause}",
            fix="Check that it can be read, and the free space of the state directory",
        ) from error
    return Evidence(name=place.name, sha256=digest)


def _without_secrets(path: Path, secrets: Sequence[str]) -> bytes:
    # Not blocking: to open a FIFO waits for somebody who writes, perhaps for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", 0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise RunError(f"{path} is no file", fix="Name a file")
        redactor, size, parts = Redactor(secrets), 0, []
        # What is read counts: a log grows meanwhile, and files of /proc say that they are empty.
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > LIMIT:
                raise RunError(
                    f"{path} is larger than {LIMIT // 1024**2} MiB", fix="Note where it is kept"
                )
            parts.append(redactor.feed(chunk))
    return b"".join(parts) + redactor.close()


def _shown_name(path: Path, secrets: Sequence[str]) -> str:
    """Return the file's name as it may be recorded: the end of it, which tells its kind."""
    name = clean_line(redact(path.name, secrets)).encode("utf-8", "replace")
    return name[-_NAME_LIMIT:].decode("utf-8", "ignore")
