"""The cells of a terminal's grid: their width, their style, and one row of them."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_MOST_MARKS = 4
"""Combining marks that one cell takes; more are dropped."""


class CellStyle(NamedTuple):
    """How a cell looks.

    Attributes:
        ink: Colour of the text, 0 to 255 as xterm numbers them; None: the terminal's own.
        ground: Colour behind it, likewise.
    """

    bold: bool = False
    underline: bool = False
    reverse: bool = False
    ink: int | None = None
    ground: int | None = None


PLAIN = CellStyle()


@lru_cache(4096)
def shown(character: str) -> tuple[str, int]:
    """Return what stands in the grid for a character, and how many cells it takes: 0, 1 or 2.

    Nothing comes back that is not printable; what has no place in a terminal is empty.
    """
    category = unicodedata.category(character)
    if category in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return (character, 0) if character.isprintable() else ("", 0)
    width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
    if character.isprintable():
        return character, width
    if category == "Zs":
        return " ", 1
    return (REPLACEMENT, 1) if category in ("Co", "Cn", "Cs") or _turns(character) else ("", 0)


def _turns(character: str) -> bool:
    """Tell whether a character turns the direction of text: that must show."""
    return character in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


class Row:
    """One row of the grid: as many texts and styles as it has cells.

    The second cell of a wide character has an empty text.
    """

    __slots__ = ("styles", "texts")

    def __init__(self, cols: int, style: CellStyle = PLAIN) -> None:
        self.texts = [" "] * cols
        self.styles = [style] * cols

    def put(self, col: int, text: str, style: CellStyle) -> None:
        """Write characters of one cell each, which must have room."""
        end = col + len(text)
        self._part_wide(col, end)
        self.texts[col:end] = text
        self.styles[col:end] = [style] * (end - col)

    def put_wide(self, col: int, text: str, style: CellStyle) -> None:
        """Write one character of two cells, which must have room."""
        self._part_wide(col, col + 2)
        self.texts[col : col + 2] = [text, ""]
        self.styles[col : col + 2] = [style, style]

    def combine(self, col: int, mark: str) -> None:
        """Add a combining mark to the character at ``col``."""
        if not self.texts[col] and col:
            col -= 1
        if len(self.texts[col]) <= _MOST_MARKS:
            self.texts[col] += mark

    def erase(self, start: int, end: int, style: CellStyle) -> None:
        """Blank the cells from ``start`` up to ``end``."""
        start, end = max(start, 0), min(end, len(self.texts))
        if start < end:
            self.put(start, " " * (end - start), style)

    def insert(self, col: int, count: int, style: CellStyle) -> None:
        """Insert blanks at ``col``; what is pushed over the edge is gone."""
        cols = len(self.texts)
        count = min(count, cols - col)
        self._part_wide(col, col)
        self._part_wide(cols - count, cols - count)
        self.texts[col:] = [" "] * count + self.texts[col : cols - count]
        self.styles[col:] = [style] * count + self.styles[col : cols - count]

    def delete(self, col: int, count: int, style: CellStyle) -> None:
        """Delete cells at ``col``; blanks follow from the edge."""
        count = min(count, len(self.texts) - col)
        self._part_wide(col, col + count)
        self.texts[col:] = self.texts[col + count :] + [" "] * count
        self.styles[col:] = self.styles[col + count :] + [style] * count

    def resize(self, cols: int) -> None:
        """Cut the row, or fill it with blanks, to ``cols`` cells."""
        if cols < len(self.texts):
            self._part_wide(cols, cols)
        more = max(cols - len(self.texts), 0)
        self.texts = self.texts[:cols] + [" "] * more
        self.styles = self.styles[:cols] + [PLAIN] * more

    def spans(self) -> tuple[tuple[str, CellStyle], ...]:
        """Return the row as pieces of one style each."""
        found: list[tuple[str, CellStyle]] = []
        start, style = 0, self.styles[0]
        for col, each in enumerate(self.styles):
            if each is not style and each != style:
                found.append(("".join(self.texts[start:col]), style))
                start, style = col, each
        found.append(("".join(self.texts[start:]), style))
        return tuple(found)

    def _part_wide(self, start: int, end: int) -> None:
        """Blank both halves of a wide character that lies across ``start`` or ``end``."""
        texts = self.texts
        for edge in (start, end):
            if 0 < edge < len(texts) and not texts[edge]:
                texts[edge - 1] = texts[edge] = " "
