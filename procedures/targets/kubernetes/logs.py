"""Logs of pods, as the API server passes them on from the kubelet."""

from collections.abc import Sequence
from datetime import UTC, datetime

from procedures.targets.log_lines import LONGEST_LINE, LogLine, pieces, severity_of
from procedures.targets.target import LogQuery

_STAMP_ENDS_BY = 40
_NO_LINES: Sequence[LogLine] = ()


def parameters_of(query: LogQuery, container: str) -> list[tuple[str, str]]:
    """Return how the API is asked for a part of a log."""
    asked = [("container", container), ("timestamps", "true")]
    if query.since is not None:
        asked.append(("sinceTime", query.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
    if query.tail is not None:
        asked.append(("tailLines", str(query.tail)))
    asked += [(name, "true") for name in ("follow", "previous") if getattr(query, name)]
    return asked


class LogCutter:
    """Cuts the bytes of a log into lines; pure.

    A line without an end is not held whole: what is too long goes on as a further line.
    """

    def __init__(self, unit: str, since: datetime | None = None) -> None:
        self._unit = unit
        self._has_begun = False
        self._rest = b""
        self._stamp: str | None = None
        """Of the line that is being read in pieces; None at the beginning of one."""
        early = _text_of(since)
        self._since = early.rstrip("0") if "." in early else early
        """The API knows seconds only; empty as soon as one line was late enough."""

    @property
    def has_begun(self) -> bool:
        """Whether anything came at all."""
        return self._has_begun

    def feed(self, chunk: bytes) -> Sequence[LogLine]:
        """Return the lines that end in a chunk, and the pieces of one that is too long."""
        self._has_begun = True
        lines = (self._rest + chunk if self._rest else chunk).split(b"\n")
        self._rest = lines.pop()
        found: list[LogLine] = []
        for line in lines:
            self._take(line, found)
            self._stamp = None
        if len(self._rest) > LONGEST_LINE:
            self._take_long(found)
        return found

    def close(self) -> Sequence[LogLine]:
        """Return what was not ended by a newline."""
        if not self._rest:
            return _NO_LINES
        found: list[LogLine] = []
        self._take(self._rest, found)
        self._rest = b""
        return found

    def _take(self, line: bytes, found: list[LogLine]) -> None:
        text = line.decode("utf-8", "replace")
        stamp = self._stamp
        if stamp is None:
            stamp, text = _stamped(text)
            if self._since:
                if stamp and stamp[:-1] < self._since:
                    return
                self._since = ""
        if len(text) <= LONGEST_LINE:
            found.append(LogLine(stamp, self._unit, severity_of(text), text))
            return
        severity = severity_of(text)
        found += [LogLine(stamp, self._unit, severity, each) for each in pieces(text)]

    def _take_long(self, found: list[LogLine]) -> None:
        """Give out the beginning of a line that goes on; a character is not cut in two."""
        end = len(self._rest)
        while end > len(self._rest) - 4 and self._rest[end - 1] & 0xC0 == 0x80:
            end -= 1
        if self._rest[end - 1] >= 0xC0:
            end -= 1
        line, self._rest = self._rest[:end], self._rest[end:]
        before = len(found)
        self._take(line, found)
        if self._stamp is None:
            self._stamp = found[before].stamp if len(found) > before else ""


def _stamped(line: str) -> tuple[str, str]:
    """Return a line's time and its text; no time where there is none."""
    stamp, space, text = line.partition(" ")
    if len(stamp) > _STAMP_ENDS_BY or stamp[4:5] != "-" or stamp[10:11] != "T":
        return "", line
    if stamp.endswith("Z"):
        return stamp, text if space else ""
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return "", line
    return f"{_text_of(at)}Z", text


def _text_of(at: datetime | None) -> str:
    """Return a time in UTC as text that sorts with those of the API; its Z is left out."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() if at else ""
