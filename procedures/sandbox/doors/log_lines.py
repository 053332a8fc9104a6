"""Lines of a container's log file with the times at which they were written; pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

LONGEST = 16_384
"""Bytes after which the engines cut a line."""
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{3})Z ")


class Line(NamedTuple):
    """One line, or a piece of a long one: only the last piece has the line's end.

    ``stamp`` is RFC 3339 in UTC with nanoseconds.
    """

    stamp: bytes
    text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWish:
    """Which lines a client wants.

    Attributes:
        since, until: Unix times; None for no bound.
        tail: Only so many of the last; None for all.
        follow: Go on with what is written from now on.
    """

    since: float | None = None
    until: float | None = None
    tail: int | None = None
    follow: bool = False


class Stamper:
    """Gives each line its time: the one that it begins with, else that of the line before."""

    def __init__(self, began: float) -> None:
        self._last = stamp_of(began)

    def stamped(self, texts: Iterable[bytes]) -> Iterator[Line]:
        """Yield lines with times that never go back; a long line comes in pieces."""
        match = _STAMP.match
        last = self._last
        for text in texts:
            found = match(text)
            if found is not None:
                own = b"%b.%b000000Z" % found.groups()
                last = max(last, own)
            if len(text) <= LONGEST:
                yield Line(last, text)
            else:
                for at in range(0, len(text), LONGEST):
                    yield Line(last, text[at : at + LONGEST])
        self._last = last


def stamp_of(at: float) -> bytes:
    """Return a Unix time as the engines write it."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}000Z".encode()


def wanted(lines: Iterable[Line], wish: LogWish) -> list[Line]:
    """Return the lines within the bounds of time; ``tail`` counts among these."""
    found = lines
    if wish.since is not None:
        first = stamp_of(wish.since)
        found = [line for line in found if line.stamp >= first]
    if wish.until is not None:
        last = stamp_of(wish.until)
        found = [line for line in found if line.stamp <= last]
    kept = list(found)
    return kept if wish.tail is None else _last(kept, wish.tail)


def _last(lines: list[Line], count: int) -> list[Line]:
    """Return the last ``count`` lines, each with all of its pieces."""
    at = len(lines)
    while at > 0 and count >= 0:
        ends = lines[at - 1].text.endswith(b"\n") or at == len(lines)
        count -= ends
        if count >= 0:
            at -= 1
    return lines[at:]
