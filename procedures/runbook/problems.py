"""Collecting everything that is wrong with one document, so that its author mends it in one go."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from procedures.errors import DocumentError, Problem


def nearest(word: str, known: Iterable[str]) -> str:
    """Return advice for a misspelt ``word``: the nearest known one, or all of them."""
    choices = sorted(known)
    near = get_close_matches(word, choices, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(choices)}"


class Problems:
    """The problems found so far in one document."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, line: int, text: str, fix: str = "", *, code: str = "document") -> None:
        """Note one problem; ``line`` counts from 1."""
        self._found.append(Problem(line=line, text=text, fix=fix, code=code))

    def raise_any(self, path: Path) -> None:
        """Raise one DocumentError that carries all problems, if there is any."""
        if not self._found:
            return
        problems = tuple(sorted(self._found, key=lambda problem: problem.line))
        first, more = problems[0], len(problems) - 1
        rest = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
        raise DocumentError(
            f"{path}:{first.line}: {first.text}{rest}", fix=first.fix, problems=problems
        )
