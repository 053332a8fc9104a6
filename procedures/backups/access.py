"""How the bytes of a backup are had: from a directory, or through the ``aws`` command line."""

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from procedures.backups import s3
from procedures.backups.s3_command import program
from procedures.backups.settings import BackupSettings
from procedures.backups.streams import DamagedError, Effort, Readable
from procedures.backups.values import Backup, PlaceKind
from procedures.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the content of backups is had.

    Attributes:
        directory: Where those lie that are on this machine.
        settings: Where the others lie, and what reads dumps.
        variables: Environment of the programs.
    """

    directory: Path | None
    settings: BackupSettings
    variables: Mapping[str, str]


@contextmanager
def opened(backup: Backup, path: str, access: Access, effort: Effort) -> Iterator[Readable]:
    """Give the bytes of ``path``, which lies where ``backup`` does.

    Raises:
        DamagedError: It is something that cannot be a backup.
        OSError: It cannot be opened.
        SourceError: It cannot be fetched.
    """
    if backup.place is PlaceKind.S3:
        with _downloaded(path, access, effort) as stream:
            yield stream
        return
    if access.directory is None:
        raise SourceError("the settings name no backup directory", fix="Set `backup_dir`")
    # A link is not followed, and what has become a pipe is not waited for.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with FileIO(os.open(access.directory / path, flags)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise DamagedError("it is no regular file")
        yield _LocalFile(file)


class _LocalFile:
    def __init__(self, file: FileIO) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        return self._file.read(size) or b""


@contextmanager
def _downloaded(path: str, access: Access, effort: Effort) -> Iterator[Readable]:
    argv = s3.reading_argv(access.settings, path)
    found = program(access.variables)
    process = effort.begin((found, *argv[1:]), access.variables, feeds=False, listens=True)
    try:
        yield _Download(process, access.settings)
    finally:
        effort.end(process)


class _Download:
    """What ``aws`` writes; its end counts only when ``aws`` says that all went well."""

    def __init__(self, process: "subprocess.Popen[bytes]", settings: BackupSettings) -> None:
        self._process = process
        self._settings = settings

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; SourceError if there are none because of an error."""
        stdout, stderr = self._process.stdout, self._process.stderr
        chunk = stdout.read(size) if stdout else b""
        if not chunk and self._process.wait():
            complaint = stderr.read(4096) if stderr and not stderr.closed else b""
            raise s3.refusal(complaint.decode("utf-8", "replace"), self._settings)
        return chunk
