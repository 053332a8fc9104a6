"""The backups below a directory of this machine; nothing is opened."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from procedures.backups.names import DIRECTORIES, checksums_of, is_backup, kind_of, made_at
from procedures.backups.names import schedule_of as schedule_named
from procedures.backups.values import Backup, PlaceKind

FOLDERS = "configuration"
"""In it lie backups that are folders, with their checksums beside them."""

DEEPEST = 2
"""Directories below the first: ``daily/database``."""


def backups_below(directory: Path) -> list[Backup]:
    """Return the backups below ``directory``; OSError if that cannot be read.

    Only regular files count, and folders of configurations: a link would count its backup twice,
    and a pipe never ends. Of the directories below only those are entered in which backups lie; one
    that cannot be read raises OSError as well, for a backup that is not seen is not there.
    """
    found = dict(_files(directory, "", DEEPEST))
    beside = frozenset(found)
    backups = []
    for path, status in found.items():
        if stat.S_ISDIR(status.st_mode):
            if f"{path}.sha256" in beside:
                backups.append(_folder(directory, path, status))
        elif is_backup(_name(path)):
            backups.append(_backup(path, status, beside))
    return backups


def _files(directory: Path, below: str, deepest: int) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(directory) as entries:
        for entry in entries:
            path = f"{below}{entry.name}"
            if entry.name in DIRECTORIES and deepest and entry.is_dir():
                yield from _files(directory / entry.name, f"{path}/", deepest - 1)
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                # It was removed, or renamed when it was whole, since the directory was read.
                continue
            stamped = below.endswith(f"{FOLDERS}/") and stat.S_ISDIR(status.st_mode)
            if stamped or stat.S_ISREG(status.st_mode):
                yield path, status


def _backup(path: str, status: os.stat_result, beside: frozenset[str]) -> Backup:
    changed_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return Backup(
        path=path,
        place=PlaceKind.DIRECTORY,
        made_at=made_at(path, changed_at),
        size_bytes=status.st_size,
        kind=kind_of(path),
        schedule=schedule_named(path),
        identity=identity_of(status),
        checksums=checksums_of(path, beside),
    )


def _folder(directory: Path, path: str, status: os.stat_result) -> Backup:
    files = [each for _, each in _files(directory / path, "", 0)]
    changed = max(files, key=lambda each: each.st_mtime_ns, default=status)
    return Backup(
        path=path,
        place=PlaceKind.DIRECTORY,
        made_at=made_at(path, datetime.fromtimestamp(status.st_mtime, UTC)),
        size_bytes=sum(each.st_size for each in files),
        kind=kind_of(path),
        schedule=schedule_named(path),
        identity=f"{identity_of(changed)}:{status.st_ino}:{len(files)}",
        checksums=f"{path}.sha256",
        is_folder=True,
    )


def identity_of(status: os.stat_result) -> str:
    """Return what changes whenever the content of a file does."""
    return f"{status.st_mtime_ns}:{status.st_ino}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]
