"""Verifies one backup: size, integrity, manifest, checksum. It blocks: a thread's work."""

import errno
import zlib
from collections.abc import Iterator
from datetime import datetime

from procedures.backups.access import Access, opened
from procedures.backups.contents import Contents, checksum_check, manifest_checks
from procedures.backups.folders import folder_checks, read_text
from procedures.backups.reading import Tools, read_through
from procedures.backups.streams import DamagedError, Effort, Metered
from procedures.backups.values import Backup, Check, Verification
from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line

_NOT_TO_BE_HAD = frozenset({errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""Errors that tell nothing of the content; a disk that cannot be read does."""


def verification_of(
    backup: Backup, access: Access, effort: Effort, *, least_bytes: float, at: datetime
) -> Verification:
    """Read ``backup`` through and return what was looked at.

    Args:
        backup: Which.
        access: How its content is had.
        effort: Is told how far the reading is.
        least_bytes: What is smaller is no backup.
        at: The present, to be remembered.

    Raises:
        SourceError: It cannot be had, or nobody is let in.
        GivenUpError: Nobody waits any more.
    """
    effort.total_bytes = backup.size_bytes
    checks = [_size_check(backup, least_bytes)]
    contents = Contents()
    try:
        if backup.is_folder:
            checks += folder_checks(backup, access, effort)
            return Verification(at=at, checks=tuple(checks), proves=_proves(checks))
        with opened(backup, backup.path, access, effort) as file:
            raw = Metered(file, effort)
            tools = Tools(
                effort=effort,
                dump_reader=access.settings.dump_reader,
                variables=access.variables,
            )
            contents = read_through(backup.name, raw, tools)
        if raw.count != backup.size_bytes:
            said = f"{raw.count} bytes were read of {backup.size_bytes}"
            checks.append(Check(name="integrity", passed=False, said=said))
        checks.append(_integrity_check(contents))
        checks += _further_checks(backup, contents)
    except (DamagedError, EOFError, zlib.error, OSError) as error:
        effort.go_on()
        if isinstance(error, OSError) and error.errno in _NOT_TO_BE_HAD:
            raise SourceError(
                f"cannot read {backup.path}: {error.strerror}",
                fix="Check that it is still there, and who may read it",
            ) from error
        said = clean_line(getattr(error, "strerror", None) or str(error), limit=300)
        checks.append(Check(name="integrity", passed=False, said=said))
        return Verification(at=at, checks=tuple(checks), proves=False)
    if backup.checksums:
        checks.append(_checksum_check(backup, contents, access, effort))
    return Verification(at=at, checks=tuple(checks), proves=_proves(checks))


def _proves(checks: list[Check]) -> bool:
    """Tell whether it was read through, or its checksum is the one that was written down."""
    return any(
        each.passed and each.name in ("integrity", "manifest", "checksum") for each in checks
    )


def _size_check(backup: Backup, least_bytes: float) -> Check:
    least = max(1.0, least_bytes)
    if backup.size_bytes < least:
        empty = not backup.size_bytes
        said = "it is empty" if empty else f"{backup.size_bytes} bytes; {least:.0f} are the least"
        return Check(name="size", passed=False, said=said)
    return Check(name="size", passed=True, said=f"{backup.size_bytes} bytes")


def _integrity_check(contents: Contents) -> Check:
    if contents.unread:
        return Check(name="integrity", passed=None, said="; ".join(sorted(set(contents.unread))))
    count = contents.members
    parts = [f"{count} member" + "s" * (count != 1)] if count else []
    if contents.dumps:
        parts.append("its dump" if contents.dumps == 1 else f"{contents.dumps} dumps")
    read = ", ".join(parts) or f"{contents.unpacked_bytes} bytes"
    return Check(name="integrity", passed=True, said=f"read to its end: {read}")


def _further_checks(backup: Backup, contents: Contents) -> Iterator[Check]:
    if contents.out:
        said = f"it would write outside: {clean_line(contents.out[0], limit=120)}"
        yield Check(name="names", passed=False, said=said)
    yield from manifest_checks(contents)


def _checksum_check(backup: Backup, contents: Contents, access: Access, effort: Effort) -> Check:
    source = backup.checksums.rpartition("/")[2]
    try:
        text = read_text(backup, backup.checksums, access, effort)
    except (OSError, SourceError, DamagedError):
        return Check(name="checksum", passed=None, said=f"{source} cannot be read")
    return checksum_check(backup.name, contents.sha256, text, source)
