"""Dumps of PostgreSQL, read through by PostgreSQL's own program."""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType

from procedures.backups.streams import DamagedError, Effort
from procedures.execution.cleaning import clean_line

MAGIC = b"PGDMP"
"""How a dump in custom format begins."""

PLAIN_HEAD = b"-- PostgreSQL database dump"
PLAIN_TAIL = b"PostgreSQL database dump complete"
"""How a dump as text begins, and what stands near its end."""

_TOO_NEW = "unsupported version"


class DumpReader:
    """A program that is fed a dump; its verdict comes when all is fed.

    Args:
        argv: The program: ``pg_restore --file=/dev/null``, which reads everything.
    """

    def __init__(self, argv: Sequence[str], effort: Effort, variables: Mapping[str, str]) -> None:
        self.unread = ""
        self._effort = effort
        self._process: subprocess.Popen[bytes] | None = None
        self._complaint: list[bytes] = []
        program = shutil.which(argv[0], path=variables.get("PATH"))
        if program is None:
            self.unread = f"{argv[0]} is not installed, which could read its dump"
            return
        process = effort.begin((program, *argv[1:]), variables, feeds=True, listens=False)
        self._process = process
        # It may complain about every object: whoever does not listen stops it.
        self._listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        self._listener.start()

    def __enter__(self) -> "DumpReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._listener.join()
            self._effort.end(self._process)

    def feed(self, chunk: bytes) -> None:
        """Hand over the next bytes."""
        if self._process is not None and self._process.stdin is not None:
            # A program that wants no more has its reasons; its exit status tells them.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(chunk)

    def finish(self) -> None:
        """Wait for the verdict; DamagedError if it is against the dump."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        status = process.wait()
        self._listener.join()
        self._effort.go_on()
        said = clean_line(b"".join(self._complaint)[:4096].decode("utf-8", "replace"), limit=200)
        if not status:
            return
        if _TOO_NEW in said:
            self.unread = "its dump is of a newer PostgreSQL than pg_restore here"
            return
        raise DamagedError(f"its dump cannot be restored: {said or f'exit status {status}'}")

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        stderr = process.stderr
        kept = 0
        while stderr is not None and (chunk := stderr.read(4096)):
            if kept < 4096:
                self._complaint.append(chunk)
                kept += len(chunk)
