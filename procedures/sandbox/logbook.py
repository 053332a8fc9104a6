"""The service's logs as real files, one for each container."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from procedures.sandbox.journal import LogLine

_TAIL_BYTES = 1_000_000
_FULL_BYTES = 8_000_000
_REPLICA = "llm-config-manager"


class Logbook:
    """Appends to the files of a directory and reads them back; blocks.

    Args:
        folder: Holds a file for each container.
        application: Holds the replicas' lines once more, as the JSON of the service's own log.
    """

    def __init__(self, folder: Path, application: Path | None = None) -> None:
        self._folder = folder
        self._application = application

    def path(self, source: str) -> Path:
        """Return the file of a container."""
        return self._folder / f"{source}.log"

    def write(self, lines: Iterable[LogLine]) -> None:
        """Append lines in the order of their times."""
        ordered = sorted(lines, key=lambda line: (line.source, line.at))
        for source, group in groupby(ordered, key=lambda line: line.source):
            path = self.path(source)
            told = list(group)
            _append(path, map(text, told))
            if self._application is not None and source.startswith(_REPLICA):
                _append(self._application, map(_json, told))

    def read(self, sources: Sequence[str], *, since: float = 0.0) -> list[tuple[str, str]]:
        """Return ``(container, line)`` in order of time, from the Unix time ``since`` on."""
        first = _time_text(since)
        lines = [
            (line, source)
            for source in sources
            for line in _last_lines(self.path(source))
            if line[: len(first)] >= first
        ]
        return [(source, line) for line, source in sorted(lines)]


def text(line: LogLine) -> str:
    """Return a line as the service writes it."""
    return f"{_time_text(line.at)} {line.level} {line.target} {line.text}"


def _json(line: LogLine) -> str:
    fields = {
        "timestamp": _time_text(line.at),
        "level": line.level,
        "target": line.target,
        "message": line.text,
        "instance": line.source,
    }
    return json.dumps(fields)


def _append(path: Path, lines: Iterable[str]) -> None:
    """Add lines; a full file starts over, keeping one old."""
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
        full = file.tell() > _FULL_BYTES
    if full:
        path.replace(path.with_suffix(".log.1"))


def _time_text(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _last_lines(path: Path) -> Iterator[str]:
    """Yield the lines at the end of a file; the first of them is whole."""
    if not path.exists():
        return
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        if size > _TAIL_BYTES:
            file.readline()
        for line in file:
            yield line.decode(errors="replace").rstrip("\n")
