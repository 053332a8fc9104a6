"""Finding documents by their names: exactly, or nearly, for nobody spells well at three."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from procedures.library.entry import Entry

ALIKE = 66.0
"""From which likeness on, of 100, a title is offered."""
MOST_ALIKE = 20

_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Names:
    """What entries are called, in small letters, ready to be searched many times."""

    entries: Sequence[Entry]
    _titles: list[str] = field(init=False)
    _names: list[str] = field(init=False)

    def __post_init__(self) -> None:
        titles = [_plain(f"{entry.title} {entry.id}") for entry in self.entries]
        names = [
            f" {title} {_plain(' '.join((entry.theme, *entry.when)))}"
            for title, entry in zip(titles, self.entries, strict=True)
        ]
        object.__setattr__(self, "_titles", titles)
        object.__setattr__(self, "_names", names)

    def holding(self, words: Sequence[str]) -> list[Entry]:
        """Return the entries with a word beginning with each of ``words``.

        Those whose title begins with what was typed come first.
        """
        starts = [f" {word}" for word in words]
        hits = [
            entry
            for entry, name in zip(self.entries, self._names, strict=True)
            if all(start in name for start in starts)
        ]
        typed = " ".join(words)
        return sorted(hits, key=lambda entry: not _plain(entry.title).startswith(typed))

    def resembling(self, typed: str) -> list[Entry]:
        """Return the entries whose title or id resembles what was typed, the most alike first."""
        # Imported here: only a search that finds little needs it.
        from rapidfuzz import fuzz, process

        words = _plain(typed)
        near = process.extract(
            words,
            self._titles,
            scorer=fuzz.token_set_ratio if " " in words else fuzz.WRatio,
            limit=MOST_ALIKE,
            score_cutoff=ALIKE,
        )
        return [self.entries[index] for _, _, index in near]


def _plain(text: str) -> str:
    return _SEPARATORS.sub(" ", text.lower()).strip()
