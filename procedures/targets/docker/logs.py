"""Logs of containers as the engine frames them; pure."""

import codecs
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from procedures.targets.docker.units import time_of
from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity, pieces, severity_of
from procedures.targets.target import LogQuery

_HEADER = struct.Struct(">BxxxI")
"""Which stream a frame belongs to, and how many bytes follow."""
_UTF_8 = codecs.getincrementaldecoder("utf-8")
_STAMP = 30
"""Characters of ``2026-11-23T14:25:01.123456789Z``; then comes a blank."""


def parameters_of(query: LogQuery, until: str = "") -> dict[str, str]:
    """Return how the engine is asked for a part of a log.

    Args:
        query: Which part.
        until: When the life began that the part has to end before, as the engine writes it. Then
            all up to there is asked for: the engine counts a tail from the very end.
    """
    asked = {"stdout": "1", "stderr": "1", "timestamps": "1"}
    asked["tail"] = "all" if query.tail is None else str(query.tail)
    if query.since is not None:
        asked["since"] = f"{query.since.timestamp():.9f}"
    if until:
        asked |= {"tail": "all", "until": unix_time(until)}
    elif query.follow:
        asked["follow"] = "1"
    return asked


def between_lives(state: Mapping[str, Any]) -> str:
    """Return a time of the engine after the last line of the life before and before the next one.

    The engine notes the beginning of a life some milliseconds after its first line came, and the
    end of one while its last line may still be under way: the middle is neither.
    """
    begun, ended = str(state.get("StartedAt") or ""), str(state.get("FinishedAt") or "")
    first, last = time_of(begun), time_of(ended)
    if first is None or last is None or last >= first:
        return begun
    return f"{(last + (first - last) / 2).astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


def unix_time(text: str) -> str:
    """Return a time of the engine in seconds of Unix time, to the nanosecond."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.fromisoformat(f"{whole}+00:00").timestamp()
    return f"{seconds:.0f}.{fraction:0<9}"


class _Beginning(NamedTuple):
    """What is known of a line from its first piece on."""

    stamp: str
    severity: Severity
    decoder: codecs.IncrementalDecoder


class FrameCutter:
    """Cuts the framed output of a container into lines.

    A frame is one message: a line, or a piece of one that is longer than the engine holds, each
    with a time of its own. Lines of both streams keep the order in which they came.
    """

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._rest = b""
        self._goes_on: dict[int, _Beginning] = {}
        """Of the line that a stream has not ended yet."""

    def feed(self, chunk: bytes) -> Sequence[LogLine]:
        """Return the lines, and pieces of lines, that end in a chunk."""
        data = self._rest + chunk if self._rest else chunk
        found: list[LogLine] = []
        at, end = 0, len(data)
        while end - at >= _HEADER.size:
            stream, length = _HEADER.unpack_from(data, at)
            begin = at + _HEADER.size
            if end - begin < length:
                break
            at = begin + length
            self._take(stream, data[begin:at], found)
        self._rest = data[at:]
        return found

    def close(self) -> Sequence[LogLine]:
        """Return nothing: a frame that is cut off is no line."""
        return ()

    def _take(self, stream: int, frame: bytes, found: list[LogLine]) -> None:
        ends = frame.endswith(b"\n")
        before = self._goes_on.pop(stream, None)
        if ends and before is None:
            stamp, text = stamped(frame[:-1].decode("utf-8", "replace"))
            severity = severity_of(text)
            if len(text) <= LONGEST_LINE and "\n" not in text:
                found.append(LogLine(stamp, self._unit, severity, text.removesuffix("\r")))
                return
        else:
            # The engine cuts long lines between any two bytes, also within a character.
            decoder = before.decoder if before else _UTF_8("replace")
            head, _, rest = frame.partition(b" ")
            text = decoder.decode(rest[:-1] if ends else rest, final=ends)
            if before:
                stamp, severity = before.stamp, before.severity
            else:
                stamp, severity = stamped(head.decode("utf-8", "replace"))[0], severity_of(text)
            if not ends:
                self._goes_on[stream] = _Beginning(stamp, severity, decoder)
            elif not text:
                return  # the line was just as long as the pieces before it
        parts = (piece for line in text.split("\n") for piece in pieces(line))
        found += [LogLine(stamp, self._unit, severity, part) for part in parts]


class RawCutter:
    """Cuts the output of a container that has a terminal; it is not framed."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._rest = b""

    def feed(self, chunk: bytes) -> Sequence[LogLine]:
        """Return the lines that end in a chunk, and the beginning of one that is too long."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > 4 * LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        return [line for each in lines for line in self._lines(each)]

    def close(self) -> Sequence[LogLine]:
        """Return what was not ended by a newline."""
        rest, self._rest = self._rest, b""
        return self._lines(rest) if rest else []

    def _lines(self, line: bytes) -> list[LogLine]:
        stamp, text = stamped(line.decode("utf-8", "replace").removesuffix("\r"))
        severity = severity_of(text)
        return [LogLine(stamp, self._unit, severity, piece) for piece in pieces(text)]


def stamped(line: str) -> tuple[str, str]:
    """Return a line's time and its text; no time where there is none."""
    if line[_STAMP - 1 : _STAMP + 1] == "Z " and line[4:5] == "-" and line[10:11] == "T":
        return line[:_STAMP], line[_STAMP + 1 :]
    if line[_STAMP - 1 : _STAMP] == "Z" and len(line) == _STAMP and line[10:11] == "T":
        return line, ""
    head, blank, text = line.partition(" ")
    try:
        at = datetime.fromisoformat(head) if len(head) > 18 else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        return "", line
    in_utc = at.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{in_utc}Z", text if blank else ""
