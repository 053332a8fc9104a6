"""What a crash in the middle of a write left behind the last whole one in SQLite's write-ahead log.

SQLite passes over it by itself and without a word; whoever keeps a record has to say it.

Source: "The WAL File Format", https://www.sqlite.org/fileformat2.html#walformat
"""

import os
import struct
from bisect import bisect_left
from pathlib import Path
from typing import BinaryIO, NamedTuple

_HEADER = struct.Struct(">8I")
"""Magic number, format, page size, sequence, two salts, two checksums."""

_FRAME = struct.Struct(">6I")
"""Page, size of the database if this frame ends a transaction, two salts, two checksums."""

_MOST_FRAMES = 64
"""Frames of the last transaction whose checksums are computed; an event takes about six."""

_LITTLE_ENDIAN, _BIG_ENDIAN = 0x377F0682, 0x377F0683


def unfinished_write(log: Path) -> int:
    """Return how many bytes of the log belong to a write that never ended.

    Call it while nobody can write: inside a transaction that has not written anything itself.

    Raises:
        OSError: The log cannot be read.
    """
    try:
        with log.open("rb") as file:
            return _left_over(file)
    except FileNotFoundError:
        return 0


class _Frame(NamedTuple):
    ends_transaction: bool
    salts: tuple[int, int]
    checksum: tuple[int, int]


class _Log:
    """Access to the frames of a log by number, from 0."""

    def __init__(self, file: BinaryIO, header: bytes) -> None:
        magic, _, page_size, _, salt_1, salt_2, sum_1, sum_2 = _HEADER.unpack(header)
        self._file = file
        self.words = {_LITTLE_ENDIAN: "<", _BIG_ENDIAN: ">"}.get(magic, "")
        self.salts, self.checksum = (salt_1, salt_2), (sum_1, sum_2)
        self.frame_size: int = _FRAME.size + page_size

    def position(self, number: int) -> int:
        """Return where a frame begins, in bytes."""
        return _HEADER.size + number * self.frame_size

    def frame(self, number: int) -> _Frame:
        """Return a frame without its page."""
        self._file.seek(self.position(number))
        _, pages, salt_1, salt_2, sum_1, sum_2 = _FRAME.unpack(self._file.read(_FRAME.size))
        return _Frame(bool(pages), (salt_1, salt_2), (sum_1, sum_2))

    def is_of_an_earlier_round(self, number: int) -> bool:
        """Tell whether a frame was written before the log was begun anew."""
        return self.frame(number).salts != self.salts

    def holds(self, number: int) -> bool:
        """Tell whether a frame is what was written, given the frame before it."""
        seed = self.frame(number - 1).checksum if number else self.checksum
        self._file.seek(self.position(number))
        whole = self._file.read(self.frame_size)
        content = whole[:8] + whole[_FRAME.size :]
        return _checksum(content, seed, self.words) == _FRAME.unpack_from(whole)[4:]


def _left_over(file: BinaryIO) -> int:
    size = os.fstat(file.fileno()).st_size
    header = file.read(_HEADER.size)
    if not header:
        return 0
    log = _Log(file, header) if len(header) == _HEADER.size else None
    if log is None or not log.words or _checksum(header[:24], (0, 0), log.words) != log.checksum:
        return len(header)
    slots, rest = divmod(size - _HEADER.size, log.frame_size)
    # Frames of this round stand in front of those that an earlier one left.
    count = bisect_left(range(slots), True, key=log.is_of_an_earlier_round)
    end = size if count == slots else log.position(count)
    whole = _whole_frames(log, count)
    return end - log.position(whole) if whole < count or (end == size and rest) else 0


def _whole_frames(log: _Log, count: int) -> int:
    """Return how many of the first ``count`` frames make whole transactions."""
    last = _last_end(log, count)
    first = max(_last_end(log, last - 1), last - _MOST_FRAMES) if last else 0
    return last if all(log.holds(number) for number in range(first, last)) else first


def _last_end(log: _Log, before: int) -> int:
    """Return the number behind the last frame under ``before`` that ends a transaction, or 0."""
    for number in range(before - 1, -1, -1):
        if log.frame(number).ends_transaction:
            return number + 1
    return 0


def _checksum(content: bytes, seed: tuple[int, int], order: str) -> tuple[int, int]:
    one, two = seed
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        one = (one + even + two) & 0xFFFFFFFF
        two = (two + odd + one) & 0xFFFFFFFF
    return one, two
