"""What a foreign document consists of, in the order in which it is read."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a piece is.

    An ENTRY is the beginning of a list's item that holds a fence; LEAVE is the end of such a list.
    """

    HEADING = "heading"
    FENCE = "fence"
    TEXT = "text"
    ITEMS = "items"
    NOTICE = "notice"
    ENTRY = "entry"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece.

    Attributes:
        line: Its first line, from 1.
        text: Markdown; of a heading its words, of a fence what it holds.
        level: Of a heading, 1 to 6.
        info: Of a fence, the rest of its opening line; of a notice, its kind.
        closed: Whether a fence has its closing line.
        is_quoted: Whether a fence stands in a quote or a notice, where nothing is to be done.
        is_paragraph: Whether a text is a plain paragraph, which may lead to what follows.
        items: Of ITEMS, line and Markdown of each.
    """

    kind: Kind
    line: int
    text: str = ""
    level: int = 0
    info: str = ""
    closed: bool = True
    is_quoted: bool = False
    is_paragraph: bool = False
    items: tuple[tuple[int, str], ...] = ()


def shown_fence(text: str, language: str = "") -> str:
    """Return Markdown that shows ``text`` as code, whatever it holds."""
    mark = "```"
    while mark in text:
        mark += "`"
    return f"{mark}{language}\n{text}\n{mark}"
