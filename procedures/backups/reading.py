"""Reads one backup from its first byte to its last; nothing of it is written anywhere."""

import gzip
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from procedures.backups.contents import LONGEST_MANIFEST_BYTES, MANIFESTS, Contents, Piece
from procedures.backups.dumps import MAGIC, PLAIN_HEAD, PLAIN_TAIL, DumpReader
from procedures.backups.streams import (
    CHUNK_BYTES,
    Bounded,
    DamagedError,
    Effort,
    Filter,
    Metered,
    Readable,
    UnreadableError,
)
from procedures.backups.tar_reader import Member, TarReader

MOST_PIECES = 200_000
"""Files of one archive whose checksums are kept; a base backup has a thousand."""

MOST_OUT = 5
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a reading may use.

    Attributes:
        effort: Knows whether anybody still waits.
        dump_reader: Command that reads a dump from its standard input.
        variables: Environment of the programs.
    """

    effort: Effort
    dump_reader: Sequence[str]
    variables: Mapping[str, str]


def read_through(name: str, raw: Metered, tools: Tools) -> Contents:
    """Read a backup of this name to its end.

    Raises:
        DamagedError: It is not whole, or not what its name says.
        GivenUpError: Nobody waits any more.
        OSError: It cannot be read.
    """
    contents = Contents()
    if name.endswith(".gpg"):
        contents.unread.append("it is encrypted")
    else:
        try:
            with _unpacked(name, raw, tools) as (stream, inner):
                _read_inner(inner, stream, contents, tools)
                contents.unpacked_bytes = stream.count
        except UnreadableError as error:
            contents.unread.append(str(error))
    raw.drain()
    contents.sha256 = raw.sha256
    return contents


@contextmanager
def _unpacked(name: str, raw: Metered, tools: Tools) -> Iterator[tuple[Bounded, str]]:
    """Give the unpacked bytes, and the name without what tells the packing."""
    if name.endswith((".gz", ".tgz")):
        inner = name.removesuffix(".gz").removesuffix(".tgz") + (".tar" * name.endswith(".tgz"))
        # Its checksum is verified at its end.
        with gzip.GzipFile(fileobj=raw, mode="rb") as packed:  # type: ignore[call-overload]
            yield Bounded(packed, raw), inner
        return
    if not name.endswith(".zst"):
        yield Bounded(raw, raw), name
        return
    program = shutil.which("zstd", path=tools.variables.get("PATH"))
    if program is None:
        raise UnreadableError("zstd is not installed, which could read it")
    filtered = Filter((program, "-dcq"), raw, tools.effort, tools.variables)
    try:
        yield Bounded(filtered, raw), name.removesuffix(".zst")
    finally:
        filtered.close()


def _read_inner(name: str, stream: Readable, contents: Contents, tools: Tools) -> None:
    if name.endswith(".tar"):
        _read_archive(stream, contents, tools)
    elif name.endswith(".dump"):
        _Content(stream.read, contents, tools).read_dump(stream.read(len(MAGIC)))
    else:
        _read_text(stream)


def _read_archive(stream: Readable, contents: Contents, tools: Tools) -> None:
    archive = TarReader(stream)
    for member in archive:
        contents.members += 1
        name = member.name.removeprefix("./").rstrip("/")
        if member.leads_out and len(contents.out) < MOST_OUT:
            contents.out.append(member.name)
        if not member.is_file:
            continue
        content = _Content(archive.read, contents, tools)
        try:
            content.read_piece(name, member)
        except DamagedError as error:
            raise DamagedError(f"{name[:200]}: {error}") from error
        if len(contents.pieces) < MOST_PIECES:
            contents.pieces[name] = content.piece
    if not contents.members:
        raise DamagedError("there is nothing in it")


class _Content:
    """One file, hashed while it is read."""

    def __init__(self, read: Callable[[int], bytes], contents: Contents, tools: Tools) -> None:
        self._read = read
        self._contents = contents
        self._tools = tools
        self._hash = hashlib.sha256()
        self._size = 0
        self._ahead = b""
        self._files = 0

    @property
    def piece(self) -> Piece:
        """What it was."""
        return Piece(size_bytes=self._size, sha256=self._hash.hexdigest(), files=self._files)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        if self._ahead:
            chunk, self._ahead = self._ahead[:size], self._ahead[size:]
            return chunk
        chunk = self._read(size)
        self._hash.update(chunk)
        self._size += len(chunk)
        return chunk

    def read_piece(self, name: str, member: Member) -> None:
        """Read a file of an archive: what is in it is looked at if its name promises something."""
        if name in MANIFESTS and member.size_bytes <= LONGEST_MANIFEST_BYTES:
            text = b"".join(iter(lambda: self.read(CHUNK_BYTES), b""))
            self._contents.manifests[name] = text.decode("utf-8", "replace")
        elif name.endswith(".tar"):
            self._files = sum(each.is_file for each in TarReader(self))
        elif name.endswith(".dump"):
            self.read_dump(self.read(len(MAGIC)))
        self._drain()

    def read_dump(self, head: bytes) -> None:
        """Hand a dump in custom format to the program that could restore it.

        Args:
            head: Its first bytes, read already.
        """
        if head != MAGIC:
            raise DamagedError("it is no dump in custom format" if head else "it is empty")
        with DumpReader(self._tools.dump_reader, self._tools.effort, self._tools.variables) as dump:
            dump.feed(head)
            while chunk := self.read(CHUNK_BYTES):
                dump.feed(chunk)
            dump.finish()
            if dump.unread:
                self._contents.unread.append(dump.unread)
            else:
                self._contents.dumps += 1

    def _drain(self) -> None:
        while self.read(CHUNK_BYTES):
            pass


def _read_text(stream: Readable) -> None:
    """Read a dump as text; pg_dump's own must have its last line."""
    head, tail = stream.read(TAIL_BYTES), b""
    if not head:
        raise DamagedError("it is empty")
    tail = head
    while chunk := stream.read(CHUNK_BYTES):
        tail = (tail + chunk)[-TAIL_BYTES:]
    if PLAIN_HEAD in head and PLAIN_TAIL not in tail:
        raise DamagedError("its end is missing")
