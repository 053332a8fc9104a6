"""A Markdown body as a flat list of blocks: headings, paragraphs, lists, quotes and fences."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


class Kind(Enum):
    """What a block is; everything that only needs to be shown is PROSE."""

    HEADING = "heading"
    FENCE = "fence"
    LIST = "list"
    QUOTE = "quote"
    PROSE = "prose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of the margin (not inside a list or a quote).

    Attributes:
        line: First line, from 1.
        source: The block's Markdown; of a heading or fence only what it holds.
        level: Of a heading, 1 to 6.
        info: Of a fence, the rest of its opening line.
        closed: Whether a fence has its closing line.
        items: Of a list, line and Markdown of each item, without the bullet.
        inner_fences: Line and opening of each fence inside a list or quote.
    """

    kind: Kind
    line: int
    source: str
    level: int = 0
    info: str = ""
    closed: bool = True
    items: tuple[tuple[int, str], ...] = ()
    inner_fences: tuple[tuple[int, str], ...] = ()


def blocks_of(body: str) -> list[Block]:
    """Return the blocks of ``body``, whose lines end in a bare newline."""
    lines = body.split("\n")
    tokens = _structure().parse(body)
    blocks = []
    start = 0
    for end, token in enumerate(tokens, start=1):
        if token.level == 0 and token.nesting <= 0:
            blocks.append(_block(tokens[start:end], lines))
            start = end
    return blocks


@cache
def _structure() -> MarkdownIt:
    """Return a parser that leaves the words within a block alone; few are ever looked at."""
    return MarkdownIt("commonmark").disable(["inline", "text_join"])


@cache
def _words() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _block(tokens: list[Token], lines: list[str]) -> Block:
    """Return the block that ``tokens`` make up, from its opening to its closing one."""
    first = tokens[0]
    start, end = first.map or (0, 0)
    source = "\n".join(lines[start:end]).strip("\n")
    match first.type:
        case "heading_open":
            title = _plain(tokens[1])
            return Block(kind=Kind.HEADING, line=start + 1, source=title, level=int(first.tag[1:]))
        case "fence":
            return Block(
                kind=Kind.FENCE,
                line=start + 1,
                source=first.content.rstrip("\n"),
                info=first.info.strip(),
                closed=_is_closed(first, lines[start:end]),
            )
        case "bullet_list_open" | "ordered_list_open" | "blockquote_open":
            return Block(
                kind=Kind.QUOTE if first.type == "blockquote_open" else Kind.LIST,
                line=start + 1,
                source=source,
                items=_items(tokens, lines),
                inner_fences=_inner_fences(tokens),
            )
        case _:
            inner = _inner_fences(tokens) if len(tokens) > 1 else ()
            return Block(kind=Kind.PROSE, line=start + 1, source=source, inner_fences=inner)


def _plain(inline: Token) -> str:
    """Return a heading's words without their Markdown marks."""
    (parsed,) = _words().parseInline(inline.content)
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in parsed.children or ()
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    ).strip()


def _is_closed(fence: Token, source: list[str]) -> bool:
    mark = fence.markup[0]
    closing = re.compile(rf"\s{{0,3}}{re.escape(mark)}{{{len(fence.markup)},}}\s*")
    return len(source) > 1 and closing.fullmatch(source[-1]) is not None


def _items(tokens: list[Token], lines: list[str]) -> tuple[tuple[int, str], ...]:
    """Return the outermost items of a list, each without its bullet and indentation."""
    items = []
    for token in tokens:
        if token.type == "list_item_open" and token.level == 1 and token.map:
            start, end = token.map
            first = re.sub(r"^\s*(?:[-*+]|\d+[.)])\s*", "", lines[start])
            rest = [line.strip() for line in lines[start + 1 : end]]
            items.append((start + 1, "\n".join([first, *rest]).strip()))
    return tuple(items)


def _inner_fences(tokens: list[Token]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (token.map[0] + 1, token.info.strip())
        for token in tokens
        if token.type == "fence" and token.map
    )
