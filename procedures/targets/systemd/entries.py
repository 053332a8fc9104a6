"""Entries of the journal, as ``journalctl -o json`` prints them, and their lines; pure."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity, pieces, severity_of

LONGEST_ENTRY = 4 * 1024**2
"""Bytes of an entry that are held; what is beyond is left out, and a remark says so."""

Entry = Mapping[str, object]

_SEVERITIES = {
    **dict.fromkeys(("0", "1", "2", "3"), Severity.ERROR),
    "4": Severity.WARNING,
    **dict.fromkeys(("5", "6"), Severity.INFO),
    "7": Severity.DEBUG,
}
"""Of ``PRIORITY``, see ``syslog(3)``."""
_UNKNOWN = Severity.UNKNOWN
_CUT = re.compile(rb'"MESSAGE":(?:"((?:[^"\\]|\\.)*)|\[([0-9,]*))')
_HALF_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_TIME = re.compile(rb'"(__REALTIME_TIMESTAMP|PRIORITY)":"(\d+)"')
_LEFT_OUT = "… the rest of this entry is too long to be shown"


class Splitter:
    """Cuts a stream into lines; of one that is too long it holds only the beginning."""

    def __init__(self, longest: int = LONGEST_ENTRY) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._longest = longest

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that are complete now."""
        first, *others = chunk.split(b"\n")
        self._hold(first)
        if not others:
            return []
        lines = [b"".join(self._parts), *others[:-1]]
        self._parts, self._size = [], 0
        self._hold(others[-1])
        return [line for line in lines if line]

    def _hold(self, part: bytes) -> None:
        kept = part[: self._longest - self._size]
        self._size += len(kept)
        if kept:
            self._parts.append(kept)


def entries_of(lines: Iterable[bytes]) -> list[Entry]:
    """Return the entries of some lines."""
    taken = list(lines)
    try:
        # One call for many lines takes half the time of many calls.
        found: list[Entry] = json.loads(b"[" + b",".join(taken) + b"]")
    except ValueError:
        found = [_entry(line) for line in taken]
    return [each for each in found if isinstance(each, dict)]


def log_lines(entries: Iterable[Entry], unit: str) -> list[LogLine]:
    """Return the log lines of entries; one entry may have several, and a long one is cut."""
    found: list[LogLine] = []
    for entry in entries:
        text, priority = entry.get("MESSAGE"), entry.get("PRIORITY")
        otherwise = _SEVERITIES.get(priority, _UNKNOWN) if isinstance(priority, str) else _UNKNOWN
        stamp = stamp_of(entry)
        if isinstance(text, str) and len(text) <= LONGEST_LINE and "\n" not in text:
            # Nearly all are like that, and tens of thousands come in a second.
            found.append(LogLine(stamp, unit, severity_of(text) or otherwise, text))
            continue
        for line in message(entry).split("\n"):
            said = severity_of(line) or otherwise
            found.extend(LogLine(stamp, unit, said, piece) for piece in pieces(line))
    return found


def message(entry: Entry) -> str:
    """Return the message of an entry, whatever journald made of it."""
    return _text(entry.get("MESSAGE")).removesuffix("\n")


def microseconds(entry: Entry) -> int | None:
    """Return when an entry was written, in microseconds since 1970."""
    text = entry.get("__REALTIME_TIMESTAMP")
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() else None


def stamp_of(entry: Entry) -> str:
    """Return when an entry was written, RFC 3339 in UTC with microseconds; empty for unknown."""
    at = microseconds(entry)
    if at is None:
        return ""
    return f"{_second(at // 1_000_000)}.{at % 1_000_000:06d}Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _text(value: object) -> str:
    """Return a field's text: a string, bytes that are no UTF-8, several of them, or null."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        if all(isinstance(each, int) and 0 <= each < 256 for each in value):
            return bytes(value).decode("utf-8", "replace")
        return "\n".join(_text(each) for each in value)
    return "" if value is None else str(value)


def _entry(line: bytes) -> Entry:
    """Return the entry of one line, or of as much of it as there is."""
    try:
        found: object = json.loads(line)
    except ValueError:
        return _rescued(line)
    return found if isinstance(found, dict) else {}


def _rescued(line: bytes) -> Entry:
    """Return what the beginning of an entry tells that was too long to be held."""
    fields: dict[str, object] = {
        name.decode(): value.decode() for name, value in _TIME.findall(line)
    }
    if match := _CUT.search(line):
        if match[1] is not None:
            content = _HALF_ESCAPE.sub(b"", match[1]).decode("utf-8", "ignore")
            text = json.loads(f'"{content}"', strict=False)
            fields["MESSAGE"] = f"{text}\n{_LEFT_OUT}"
        else:
            values = [int(each) for each in match[2].split(b",")[:-1] if each]
            fields["MESSAGE"] = f"{_text(values)}\n{_LEFT_OUT}"
    else:
        fields["MESSAGE"] = _LEFT_OUT
    return fields
