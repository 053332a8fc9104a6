"""Reads a tar archive from its beginning to its end, whatever is in it, in little memory.

Source: pax Interchange Format (POSIX.1-2017, pax) and the GNU tar manual, "Basic Tar Format".

The standard library's reader keeps every member it has seen, takes extended headers of any size
into memory, and takes an archive for whole that ends between two members.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from procedures.backups.streams import CHUNK_BYTES, DamagedError, Readable

BLOCK = 512
LONGEST_HEADER_BYTES = 1024 * 1024
MOST_MEMBERS = 5_000_000

_WITHOUT_CONTENT = frozenset(b"123456")
_EXTENDED, _EXTENDED_ALL, _LONG_NAME, _LONG_LINK, _SPARSE = b"x", b"gX", b"L", b"K", b"S"
_EMPTY = bytes(BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of an archive; ``size_bytes`` is what is stored of it."""

    name: str
    size_bytes: int
    is_file: bool

    @property
    def leads_out(self) -> bool:
        """Whether it would be unpacked outside of where it is unpacked to."""
        return self.name.startswith("/") or ".." in self.name.split("/")


class TarReader:
    """Yields the members of an archive in order; ``read`` gives the content of the present one.

    Raises:
        DamagedError: It is no tar archive, or not a whole one.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        count, name, size = 0, "", -1
        while True:
            self._skip()
            header = self._block(at_start=not count)
            if header is None:
                self._read_to_end()
                return
            kind = header[156:157]
            stored = _number(header[124:136])
            count += 1
            if count > MOST_MEMBERS:
                raise DamagedError(f"it has more than {MOST_MEMBERS:,} members")
            if kind in (_LONG_NAME, _LONG_LINK, _EXTENDED) or kind in _EXTENDED_ALL:
                content = self._header_content(stored)
                if kind == _LONG_NAME:
                    name = content.rstrip(b"\0").decode("utf-8", "replace")
                elif kind == _EXTENDED:
                    records = _records(content)
                    name = records.get("GNU.sparse.name") or records.get("path") or name
                    size = _size(records.get("size"), size)
                continue
            if kind == _SPARSE:
                self._skip_sparse_map(header)
            yield self._member(header, kind, name, stored if size < 0 else size)
            name, size = "", -1

    def read(self, size: int, /) -> bytes:
        """Return the next bytes of the present member; none at its end."""
        if not self._left:
            return b""
        chunk = self._stream.read(min(size, self._left))
        if not chunk:
            raise DamagedError("it ends in the middle of a file")
        self._left -= len(chunk)
        return chunk

    def _member(self, header: bytes, kind: bytes, name: str, size: int) -> Member:
        named = name or _name(header)
        folder = named.endswith("/") and kind in (b"\0", b"0")
        holds = kind[0] not in _WITHOUT_CONTENT and not folder
        self._left = size if holds else 0
        self._padding = -self._left % BLOCK
        is_file = kind in (b"\0", b"0", b"7", b"S") and not folder
        return Member(name=named, size_bytes=self._left, is_file=is_file)

    def _skip(self) -> None:
        while self.read(CHUNK_BYTES):
            pass
        if self._padding:
            self._exactly(self._padding)
            self._padding = 0

    def _block(self, *, at_start: bool) -> bytes | None:
        header = self._upto(BLOCK)
        if not header:
            raise DamagedError("it is empty" if at_start else "its end is missing")
        if len(header) < BLOCK:
            raise DamagedError("it is no tar archive" if at_start else "its end is missing")
        if header == _EMPTY:
            return None
        if not _sum_fits(header):
            raise DamagedError(
                "it is no tar archive" if at_start else "a header in the middle of it is damaged"
            )
        return header

    def _header_content(self, size: int) -> bytes:
        if size > LONGEST_HEADER_BYTES:
            raise DamagedError("a header in it is longer than any name may be")
        content = self._exactly(size)
        self._exactly(-size % BLOCK)
        return content

    def _skip_sparse_map(self, header: bytes) -> None:
        more = header[482]
        while more:
            more = self._exactly(BLOCK)[504]

    def _read_to_end(self) -> None:
        # What is packed around it is checked at its very end.
        while self._stream.read(CHUNK_BYTES):
            pass

    def _exactly(self, size: int) -> bytes:
        content = self._upto(size)
        if len(content) < size:
            raise DamagedError("its end is missing")
        return content

    def _upto(self, size: int) -> bytes:
        pieces = []
        while size and (piece := self._stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def _number(field: bytes) -> int:
    if field[0] in (0x80, 0xFF):
        value = int.from_bytes(field[1:], "big", signed=False)
        if field[0] == 0xFF:
            raise DamagedError("a file in it has a negative size")
        return value
    digits = field.strip(b" \0").partition(b"\0")[0]
    try:
        return int(digits or b"0", 8)
    except ValueError as error:
        raise DamagedError("a header in it is damaged") from error


def _size(written: str | None, otherwise: int) -> int:
    if written is None:
        return otherwise
    if not written.isdecimal() or len(written) > 20:
        raise DamagedError("a file in it has a size that is no number")
    return int(written)


def _name(header: bytes) -> str:
    name = header[:100].partition(b"\0")[0]
    if header[257:263] == b"ustar\0" and (prefix := header[345:500].partition(b"\0")[0]):
        name = prefix + b"/" + name
    return name.decode("utf-8", "replace")


def _sum_fits(header: bytes) -> bool:
    try:
        written = int(header[148:156].strip(b" \0").partition(b"\0")[0] or b"-1", 8)
    except ValueError:
        return False
    blanked = header[:148] + b" " * 8 + header[156:]
    unsigned = sum(blanked)
    # Old archivers summed signed bytes.
    return written in (unsigned, unsigned - 256 * sum(byte > 127 for byte in blanked))


def _records(content: bytes) -> dict[str, str]:
    records = {}
    while content.strip(b"\0"):
        length, blank, _ = content.partition(b" ")
        if not blank or not length.isdigit() or not 0 < int(length[:9]) <= len(content):
            raise DamagedError("an extended header in it is damaged")
        record = content[len(length) + 1 : int(length)]
        key, _, value = record.rstrip(b"\n").partition(b"=")
        records[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        content = content[int(length) :]
    return records
