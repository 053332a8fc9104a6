"""A document cut at its headings, and which of them are phases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.runbook.foreign.drafts import EXPECTED
from procedures.runbook.foreign.pieces import Kind, Piece

_INTRODUCTORY = re.compile(
    r"\W*(?:the\s+)?(?:overview|introduction|summary|meaning|impact|background|purpose|scope|about"
    r"|description|context|symptoms?|(?:table of )?contents|toc|references?|links?|resources"
    r"|see also|related\b.*|further reading|appendix|owners?(?:hip)?|contacts?|change ?log"
    r"|revision history|history|metadata|audience|glossary|severity|alert details|services?"
    r"|additional resources|what (?:is|does) .*|when to use.*|possible causes?|causes?)\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands below one heading, up to the next of any level.

    Attributes:
        level: 0 for what stands above all headings.
        is_leaf: Whether no deeper heading follows.
    """

    title: str
    line: int
    level: int
    pieces: Sequence[Piece]
    is_leaf: bool = True

    @property
    def is_introductory(self) -> bool:
        """Whether it explains, by its title."""
        return _INTRODUCTORY.fullmatch(self.title) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A document's sections.

    Attributes:
        title: The only heading of the first level, if that is the first heading; else empty.
        phase_level: Level of the headings that are phases; 0 if all are steps of one phase.
    """

    title: str
    phase_level: int
    sections: Sequence[Section]


def outline_of(pieces: Sequence[Piece]) -> Outline:
    """Return the outline of a document."""
    pieces = [_label(piece) for piece in pieces]
    headings = [piece for piece in pieces if piece.kind is Kind.HEADING]
    tops = [heading for heading in headings if heading.level == 1]
    title = headings[0] if len(tops) == 1 and headings[0].level == 1 else None
    sections = _cut([piece for piece in pieces if piece is not title])
    levels = sorted({section.level for section in sections if section.level})
    return Outline(
        title=title.text if title else "",
        phase_level=levels[0] if len(levels) > 1 else 0,
        sections=sections,
    )


def _label(piece: Piece) -> Piece:
    """Turn a heading above expected output into a paragraph: it begins no step."""
    if piece.kind is Kind.HEADING and piece.level > 1 and EXPECTED.fullmatch(piece.text):
        text = f"**{piece.text}**"
        return Piece(kind=Kind.TEXT, line=piece.line, text=text, is_paragraph=True)
    return piece


def _cut(pieces: Sequence[Piece]) -> list[Section]:
    parts: list[tuple[Piece | None, list[Piece]]] = [(None, [])]
    for piece in pieces:
        if piece.kind is Kind.HEADING:
            parts.append((piece, []))
        else:
            parts[-1][1].append(piece)
    levels = [heading.level if heading else 9 for heading, _ in parts] + [0]
    first = parts[0][1]
    preamble = Section(title="", line=first[0].line if first else 1, level=0, pieces=first)
    return [
        preamble,
        *(
            Section(
                title=heading.text,
                line=heading.line,
                level=heading.level,
                pieces=below,
                is_leaf=levels[number + 1] <= heading.level,
            )
            for number, (heading, below) in enumerate(parts)
            if heading
        ),
    ]
