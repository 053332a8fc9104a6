"""Everything wrong with a settings file, gathered so that it is told at once."""

import re
from collections.abc import Mapping
from pathlib import Path

from procedures.errors import Problem, SettingsError

KeyPath = tuple[str, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?")
_ASSIGNMENT = re.compile(rf"\s*({_DOTTED})\s*=")
_PART = re.compile(_KEY)


class Problems:
    """The problems of one file, in the order of their lines."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._lines = key_lines(source)
        self._found: list[Problem] = []

    def add(self, keys: KeyPath, text: str, *, fix: str = "") -> None:
        """Note that the value at ``keys`` is wrong; ``text`` never repeats what may be secret."""
        said = f"{'.'.join(keys)}: {text}" if keys else text
        self._found.append(Problem(line=self._line(keys), text=said, fix=fix))

    def raise_if_any(self) -> None:
        """Raise one SettingsError that tells them all."""
        found = sorted(self._found, key=lambda problem: problem.line)
        if len(found) == 1:
            raise SettingsError(self._placed(found[0]), fix=found[0].fix)
        if found:
            told = [
                f"{self._placed(each)}\n    {each.fix}" if each.fix else self._placed(each)
                for each in found
            ]
            raise SettingsError(
                "\n  ".join([f"{self._path} has {len(found)} problems", *told]),
                fix="Correct them, then try `quarterdeck config check`",
            )

    def _placed(self, problem: Problem) -> str:
        place = f"{self._path}:{problem.line}" if problem.line else f"{self._path}"
        return f"{place}: {problem.text}"

    def _line(self, keys: KeyPath) -> int:
        """Return the line of the key or of the nearest table around it; 0 when neither is found."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self._lines:
                return self._lines[keys[:length]]
        return 0


def key_lines(source: str) -> Mapping[KeyPath, int]:
    """Return the line of each table header and each key that begins a line.

    :mod:`tomllib` keeps no positions. Keys inside inline tables have no line of their own; those
    within a multi-line string are skipped.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    closing = ""
    for number, line in enumerate(source.split("\n"), start=1):
        if closing:
            closing = "" if closing in line else closing
        elif header := _HEADER.fullmatch(line):
            table = _parts(header[1])
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault(table + _parts(assignment[1]), number)
            closing = _opened_string(line)
    return lines


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _opened_string(line: str) -> str:
    return next((quotes for quotes in ('"""', "'''") if line.count(quotes) % 2), "")
