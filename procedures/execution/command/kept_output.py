"""What a command printed, kept in a file: redacted, bounded, whatever the disk does.

Standard library only, and memory bounded however much is printed.
"""

import os
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from procedures.execution.secrets.redaction import Redactor

TAIL_LIMIT = 64 * 1024
"""Bytes of the end of a too long output that are kept as well."""

_TOO_LONG = "the output was too long"


class KeptOutput:
    """The output file of one command; a disk that is full costs output, never the command.

    Up to ``limit`` bytes go to the file as they come. After that, or while the disk refuses
    them, only the last ones are held in memory; they follow in the file, after a mark that says
    what is missing, when there is room again and at the end.

    Args:
        limit: Bytes of the beginning to keep.
        line_end: What ends the line of a mark.
    """

    def __init__(
        self, path: Path, *, limit: int, secrets: Iterable[str] = (), line_end: bytes = b"\n"
    ) -> None:
        self._path = path
        self._left = limit
        self._redactor = Redactor(secrets)
        self._line_end = line_end
        self._file = -1
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._not_kept_bytes = 0
        self._lost_bytes = 0
        self._refused = ""
        self._cause = ""
        with suppress(OSError):
            self._open()

    @property
    def fault(self) -> str:
        """Why the file does not hold everything; empty if it does."""
        if not (missing := self._lost_bytes + self._not_kept_bytes):
            return self._refused
        return f"{self._cause}; {missing} bytes of it were not kept"

    def write(self, chunk: bytes) -> None:
        """Keep what the command printed, as far as it is known to be no secret."""
        self._keep(self._redactor.feed(chunk))

    def flush(self) -> None:
        """Keep what may still turn out to begin a line with a secret: the command is silent."""
        self._keep(self._redactor.flush())

    def mark(self, text: str) -> None:
        """Note what the supervisor does, among the output that it belongs to."""
        self.write(self._marked(text))

    def close(self) -> None:
        """Keep the rest, on the disk if possible."""
        self._keep(self._redactor.close())
        self.drain()
        try:
            if self._file >= 0:
                os.fsync(self._file)
        except OSError as error:
            self._refuse(error)

    def drain(self) -> None:
        """Write what the disk refused before, or what was too much, if that is possible now."""
        try:
            self._drain()
        except OSError as error:
            self._refuse(error)

    def _keep(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self._left <= 0:
            self._hold(chunk)
            return
        try:
            self._drain()
            kept = chunk[: self._left]
            written = self._write(kept)
        except OSError as error:
            self._refuse(error)
            self._hold(chunk)
            return
        self._left -= written
        if written < len(kept):
            self._hold(chunk[written:])
        elif self._left <= 0:
            self._cause = self._cause or _TOO_LONG
            self._hold(self._marked(f"{_TOO_LONG}; its end follows when the command has ended"))
            self.drain()
            self._hold(chunk[written:])

    def _hold(self, chunk: bytes) -> None:
        """Hold ``chunk`` in memory in place of older ones."""
        if not chunk:
            return
        self._waiting.append(chunk)
        self._waiting_bytes += len(chunk)
        while (excess := self._waiting_bytes - TAIL_LIMIT) > 0:
            first = self._waiting.popleft()
            if len(first) > excess:
                self._waiting.appendleft(first[excess:])
            gone = min(len(first), excess)
            self._waiting_bytes -= gone
            self._not_kept_bytes += gone

    def _drain(self) -> None:
        if self._not_kept_bytes:
            self._hold_first(f"{self._cause}: {self._not_kept_bytes} bytes are missing here")
            self._lost_bytes += self._not_kept_bytes
            self._not_kept_bytes = 0
        while self._waiting:
            first = self._waiting.popleft()
            written = self._write_or_put_back(first)
            self._waiting_bytes -= written
            if written < len(first):
                self._waiting.appendleft(first[written:])

    def _write_or_put_back(self, chunk: bytes) -> int:
        try:
            return self._write(chunk)
        except OSError:
            self._waiting.appendleft(chunk)
            raise

    def _write(self, data: bytes) -> int:
        """Write as much as goes; OSError if nothing does."""
        self._open()
        return os.write(self._file, data)

    def _open(self) -> None:
        if self._file < 0:
            self._file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def _hold_first(self, mark: str) -> None:
        self._waiting.appendleft(self._marked(mark))
        self._waiting_bytes += len(self._waiting[0])

    def _marked(self, text: str) -> bytes:
        return self._line_end + f"[{text}]".encode() + self._line_end

    def _refuse(self, error: OSError) -> None:
        self._refused = f"some of the output could not be kept: {error.strerror}"
        self._cause = self._refused
