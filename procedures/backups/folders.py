"""Backups that are a folder of plain files with their checksums beside it: configurations."""

from collections.abc import Iterator

from procedures.backups.access import Access, opened
from procedures.backups.contents import Contents, Piece, sums_check, sums_in
from procedures.backups.streams import DamagedError, Effort, Metered
from procedures.backups.values import Backup, Check

LONGEST_SUMS_BYTES = 4 * 1024 * 1024


def folder_checks(backup: Backup, access: Access, effort: Effort) -> Iterator[Check]:
    """Read every file that the checksums name, and yield what came of it.

    Raises:
        DamagedError: A file is none, or a name leads out of the folder.
        OSError: A file cannot be read.
        SourceError: The files cannot be had.
    """
    text = read_text(backup, backup.checksums, access, effort)
    contents = Contents()
    done_bytes = 0
    for name in sums_named(text):
        try:
            with opened(backup, f"{backup.path}/{name}", access, effort) as file:
                raw = Metered(file, effort, before_bytes=done_bytes)
                raw.drain()
        except FileNotFoundError:
            continue
        done_bytes += raw.count
        contents.pieces[name] = Piece(size_bytes=raw.count, sha256=raw.sha256)
    yield sums_check(contents, text, backup.checksums.rpartition("/")[2])


def sums_named(text: str) -> list[str]:
    """Return the names of a checksum file; DamagedError if one leads out of the folder."""
    names = list(sums_in(text))
    for name in names:
        if not name or "/" in name or name == "..":
            raise DamagedError("its checksums name a file outside of it")
    return names


def read_text(backup: Backup, path: str, access: Access, effort: Effort) -> str:
    """Return a file of checksums that lies beside ``backup``, as far as one may be long."""
    text = b""
    with opened(backup, path, access, effort) as file:
        while len(text) < LONGEST_SUMS_BYTES and (chunk := file.read(65536)):
            text += chunk
    return text.decode("utf-8", "replace")
