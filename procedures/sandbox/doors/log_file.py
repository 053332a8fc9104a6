"""Reading a container's log file from its end on, and following it as it grows."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import BinaryIO

from procedures.sandbox.doors.log_lines import LONGEST, Line, LogWish, Stamper, wanted

_LOOK_EVERY_S = 0.1
_BLOCK = 262_144
_BATCH = 1_000


async def batches(
    path: Path, wish: LogWish, goes_on: Callable[[], bool]
) -> AsyncGenerator[list[Line], None]:
    """Yield the lines that are there, then, if so wished, those that come.

    Args:
        path: The file; it need not exist, and another one may take its place.
        wish: Which lines.
        goes_on: Whether its container may still write; asked whenever nothing new is there.
    """
    reader = _Reader(path)
    try:
        present = await asyncio.to_thread(reader.present, wish)
        for at in range(0, len(present), _BATCH):
            yield present[at : at + _BATCH]
        rest = LogWish(since=wish.since, until=wish.until)
        while wish.follow:
            last_look = not goes_on()
            lines = await asyncio.to_thread(reader.grown)
            if lines:
                yield wanted(lines, rest)
            elif last_look:
                return
            else:
                await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        reader.close()


class _Reader:
    """A place in a file; blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._begun = b""
        self._stamper = Stamper(0.0)

    def present(self, wish: LogWish) -> list[Line]:
        """Return the lines that the file has now; goes on from there."""
        if not self._open():
            return []
        if wish.tail is not None and wish.until is None:
            self._seek_back(wish.tail)
        lines: list[Line] = []
        while found := self._block():
            lines += self._stamper.stamped(found)
        return wanted(lines, wish)

    def grown(self) -> list[Line]:
        """Return the next lines that were written since; a file that took its place is begun."""
        if self._file is None and not self._open():
            return []
        found = self._block()
        if not found and self._replaced():
            self.close()
            found = self._block() if self._open() else []
        return list(self._stamper.stamped(found))

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            self._file = self._path.open("rb")
            self._begun = b""
        return self._file is not None

    def _block(self) -> list[bytes]:
        """Return the lines of the next block with their ends; a long one may be without."""
        assert self._file is not None  # noqa: S101 - opened before
        block = self._file.read(_BLOCK)
        if not block:
            return []
        *whole, self._begun = (self._begun + block).split(b"\n")
        lines = [line + b"\n" for line in whole]
        if len(self._begun) > LONGEST:
            cut = len(self._begun) - len(self._begun) % LONGEST
            lines.append(self._begun[:cut])
            self._begun = self._begun[cut:]
        # Nothing but a part of a line: an empty answer would be taken for the end.
        return lines or self._block()

    def _replaced(self) -> bool:
        assert self._file is not None  # noqa: S101 - opened before
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return False
        own = os.fstat(self._file.fileno())
        return now.st_ino != own.st_ino or now.st_size < self._file.tell()

    def _seek_back(self, count: int) -> None:
        """Go to the beginning of the last ``count`` lines."""
        assert self._file is not None  # noqa: S101 - opened before
        end = at = self._file.seek(0, os.SEEK_END)
        breaks = 0
        while at > 0 and breaks <= count:
            size = min(_BLOCK, at)
            at -= size
            self._file.seek(at)
            breaks += self._file.read(size).count(b"\n")
        self._file.seek(at if count else end)
        if at > 0 and count:
            self._file.readline()
