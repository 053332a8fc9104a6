"""A Markdown document as lines for a terminal: headings, lists, tables, code, notices, links."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from widgets.fence_lines import applies_to, fence_lines
from widgets.inline_spans import LINK, Target, spans_of
from widgets.strips import Line, Span
from widgets.table_lines import table_lines
from widgets.text_view import wrap

_NOTICES = {
    "NOTE": "key",
    "TIP": "ok",
    "IMPORTANT": "key",
    "WARNING": "warning",
    "CAUTION": "critical",
}
_BAR = "▌ "
_BUDGET = re.compile(r"\s*\{budget=(\w+)\}\s*$")
_INDENT = 2


class Place(NamedTuple):
    """Something on a line: where a link leads, or what a heading says."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A document at one width.

    Attributes:
        lines: Its rows; none is wider than asked for, but for code.
        links: Address of each link, and the first row on which it stands.
        headings: Text of each heading, and its row.
    """

    lines: tuple[Line, ...]
    links: tuple[Place, ...]
    headings: tuple[Place, ...]


def render_document(markdown: str, width: int, *, chosen: int = -1, method: str = "") -> Rendered:
    """Return a document as rows of at most ``width`` cells.

    Args:
        markdown: The document without its front matter.
        width: Cells of a row.
        chosen: Number of the link that is shown as chosen.
        method: Leave out the commands of other deployment methods; empty shows all.
    """
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    return _Renderer(width, chosen, method).render(tokens)


@dataclass(slots=True)
class _Renderer:
    width: int
    chosen: int
    method: str
    closed_up: bool = False
    lines: list[Line] = field(default_factory=list)
    links: list[Place] = field(default_factory=list)
    headings: list[Place] = field(default_factory=list)

    def render(self, tokens: Sequence[Token]) -> Rendered:
        self._blocks(tokens, ())
        return Rendered(
            lines=tuple(self.lines), links=tuple(self.links), headings=tuple(self.headings)
        )

    def _blocks(self, tokens: Sequence[Token], margin: tuple[Span, ...]) -> None:
        for group in _groups(tokens):
            kind = group[0].type
            drawer = _DRAWERS.get(kind)
            if drawer is not None:
                drawer(self, group, margin)
            elif group[0].content:
                self._paragraph(group[0].content, margin, style="dim")

    def _add(self, line: Sequence[Span], margin: tuple[Span, ...]) -> None:
        self.lines.append((*margin, *line))

    def _gap(self, margin: tuple[Span, ...]) -> None:
        """Leave a row free before the next block, but for one that follows its own label."""
        closed_up, self.closed_up = self.closed_up, False
        if closed_up:
            return
        if self.lines and any(text.strip() for text, _ in self.lines[-1]):
            self.lines.append(margin if any(text.strip() for text, _ in margin) else ())

    def _room(self, margin: tuple[Span, ...]) -> int:
        return max(16, self.width - sum(len(text) for text, _ in margin))

    def _wrapped(
        self, spans: Sequence[Span], margin: tuple[Span, ...], hanging: tuple[Span, ...]
    ) -> None:
        """Write a paragraph; its first row has ``margin`` before it, the others ``hanging``."""
        at = margin
        for row in wrap(tuple(spans), self._room(hanging)):
            self._add(row, at)
            at = hanging

    def _inline(self, token: Token, style: str = "text") -> list[Span]:
        """Return the spans of a paragraph and note its links as of the row that comes next."""
        found: list[Target] = []
        spans = spans_of(token.children or (), style, found)
        for target in found:
            self.links.append(Place(len(self.lines), target.address))
        first = len(self.links) - len(found)
        return [
            (text, "cursor" if name == LINK and first + number == self.chosen else _shown(name))
            for (text, name), number in zip(spans, _numbers(spans), strict=True)
        ]

    def _paragraph(self, text: str, margin: tuple[Span, ...], style: str = "text") -> None:
        self._gap(margin)
        for part in text.rstrip("\n").split("\n"):
            self._wrapped([(part, style)], margin, margin)

    def heading(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        self._gap(margin)
        level = int(group[0].tag[1:])
        text = "".join(span for span, _ in spans_of(group[1].children or (), "text", []))
        text = _BUDGET.sub(r" · within \1", text)
        self.headings.append(Place(len(self.lines), text))
        if level == 1:
            self._wrapped([(text, "title")], margin, margin)
        elif level == 2:
            rule = "─" * max(2, self._room(margin) - len(text) - 4)
            self._add([("── ", "key"), (text, "title"), (f" {rule}", "key")], margin)
        else:
            mark = "› " if level == 3 else "· "
            self._wrapped([(mark, "key"), (text, "strong")], margin, (*margin, ("  ", "")))

    def paragraph(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        self._gap(margin)
        self._wrapped(self._inline(group[1]), margin, margin)

    def fence(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        if self.method and not applies_to(group[0].info, self.method):
            return
        self._gap(margin)
        for line in fence_lines(group[0].info, group[0].content, self._room(margin)):
            self._add(line, margin)

    def rule(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        self._gap(margin)
        self._add([("─" * min(40, self._room(margin)), "dim")], margin)

    def quote(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        self._gap(margin)
        inner = list(group[1:-1])
        style = "dim"
        first = inner[1] if len(inner) > 1 and inner[1].type == "inline" else None
        mark = first.content.partition("]")[0] if first is not None else ""
        kind = mark.removeprefix("[!").upper()
        if first is not None and mark.startswith("[!") and kind in _NOTICES:
            style = _NOTICES[kind]
            self._add([(_BAR, style), (kind, style)], margin)
            self.closed_up = True
            rest = first.content.partition("]")[2].strip()
            inner = (
                [inner[0], *MarkdownIt("commonmark").parseInline(rest), *inner[2:]]
                if rest
                else inner[3:]
            )
        self._blocks(inner, (*margin, (_BAR, style)))

    def items(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        is_tight = any(token.type == "paragraph_open" and token.hidden for token in group[:3])
        if not (is_tight and group[0].level):
            self._gap(margin)
        number = int(group[0].attrGet("start") or 1)
        ordered = group[0].type == "ordered_list_open"
        for item in _groups(group[1:-1]):
            bullet = f"{number}. " if ordered else "• "
            number += 1
            self._item(item, bullet, margin)

    def _item(self, item: Sequence[Token], bullet: str, margin: tuple[Span, ...]) -> None:
        inner = list(item[1:-1])
        hanging = (*margin, (" " * (len(bullet) + _INDENT), ""))
        if not inner or inner[0].type != "paragraph_open":
            self._add([(" " * _INDENT + bullet, "key")], margin)
            self._blocks(inner, hanging)
            return
        spans = self._inline(inner[1])
        text = "".join(span for span, _ in spans)
        if text[:4].lower() in ("[ ] ", "[x] "):
            bullet, hanging = "", (*margin, (" " * (_INDENT + 2), ""))
            spans = [(("☑ " if text[1] != " " else "☐ "), "key"), *_without(spans, 4)]
        self._wrapped(spans, (*margin, (" " * _INDENT + bullet, "key")), hanging)
        self._blocks(inner[3:], hanging)

    def table(self, group: Sequence[Token], margin: tuple[Span, ...]) -> None:
        self._gap(margin)
        rows: list[list[list[Span]]] = []
        for token in group:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(self._inline(token, "strong" if len(rows) == 1 else "text"))
        for line in table_lines(rows, self._room(margin)):
            self._add(line, margin)


_Drawer = Callable[[_Renderer, Sequence[Token], tuple[Span, ...]], None]

_DRAWERS: Mapping[str, _Drawer] = {
    "heading_open": _Renderer.heading,
    "paragraph_open": _Renderer.paragraph,
    "fence": _Renderer.fence,
    "code_block": _Renderer.fence,
    "hr": _Renderer.rule,
    "blockquote_open": _Renderer.quote,
    "bullet_list_open": _Renderer.items,
    "ordered_list_open": _Renderer.items,
    "table_open": _Renderer.table,
}


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Cut tokens into blocks, each from its opening to its closing one."""
    start = depth = 0
    for end, token in enumerate(tokens, start=1):
        depth += token.nesting
        if depth == 0:
            yield tokens[start:end]
            start = end


def _numbers(spans: Sequence[Span]) -> Iterator[int]:
    """Yield for each span the number of its link; links are told apart by what is between them."""
    number, inside = -1, False
    for _, name in spans:
        if name == LINK and not inside:
            number += 1
        inside = name == LINK
        yield number


def _shown(name: str) -> str:
    return "key" if name == LINK else name


def _without(spans: Sequence[Span], cells: int) -> list[Span]:
    """Return the spans without their first ``cells`` characters."""
    rest = []
    for text, name in spans:
        if cells < len(text):
            rest.append((text[cells:], name))
        cells = max(0, cells - len(text))
    return rest
