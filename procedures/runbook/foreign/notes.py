"""What was not understood in a foreign document; it is told, and stops nobody."""

from procedures.errors import Problem
from procedures.runbook.problems import Problems

CODE = "not-understood"
"""Code of every note."""

_MOST = 200


class Notes(Problems):
    """The notes on one document, of which the first two hundred are kept."""

    def add(self, line: int, text: str, fix: str = "", *, code: str = CODE) -> None:
        """Note one thing that was not understood; ``line`` counts from 1."""
        if len(self._found) < _MOST:
            super().add(line, text, fix, code=code)
        elif len(self._found) == _MOST:
            super().add(line, "more is not understood from here on", code=code)

    @property
    def found(self) -> tuple[Problem, ...]:
        """All notes, by line; each is told once."""
        return tuple(dict.fromkeys(sorted(self._found, key=lambda problem: problem.line)))
