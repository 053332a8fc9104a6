"""Finding documents in directories, and what a file looks like from outside; blocks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SKIPPED = frozenset({"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE.md"})
"""Files that speak of a collection, not of an operation."""

SUFFIXES = (".md", ".mdx", ".markdown")


class Found(NamedTuple):
    """A document as its directory shows it; a changed file has another time or size."""

    path: Path
    mtime_ns: int
    size: int


def documents(place: Path) -> Iterator[Found]:
    """Yield the documents at or below ``place``, in the order of their paths.

    Hidden directories are passed over, and so are links to directories, which could go in circles.

    Raises:
        OSError: ``place`` cannot be read. A directory below it that cannot be is passed over.
    """
    if place.is_file():
        status = place.stat()
        yield Found(place, status.st_mtime_ns, status.st_size)
        return
    yield from sorted(_below(os.fspath(place)))


def _below(place: str) -> Iterator[Found]:
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below_if_readable(entry.path)
            elif entry.name.endswith(SUFFIXES) and entry.name not in SKIPPED:
                yield from _file(entry)


def _below_if_readable(place: str) -> Iterator[Found]:
    try:
        yield from _below(place)
    except OSError:
        return


def _file(entry: "os.DirEntry[str]") -> Iterator[Found]:
    try:
        status = entry.stat()
    except OSError:  # it has gone since, or is a link to nothing
        return
    yield Found(Path(entry.path), status.st_mtime_ns, status.st_size)
