"""Markdown tokens become pieces; every line of the document is in one of them.

Exceptions are what has no text of its own: rules, and comments that hold no command.
"""

import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from procedures.runbook.foreign import marked
from procedures.runbook.foreign.markdown import DEEPEST
from procedures.runbook.foreign.notes import Notes
from procedures.runbook.foreign.openings import Role, read_opening, role_of
from procedures.runbook.foreign.pieces import Kind, Piece, shown_fence

_QUOTE_MARK = re.compile(r"^[ \t]*> ?", re.MULTILINE)
_BULLET = re.compile(r"^[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]*")
_FENCES = ("fence", "code_block")


class PieceReader:
    """Reads the tokens of one document.

    Args:
        lines: The lines of its body.
        notes: Where goes what is not understood.
    """

    def __init__(self, lines: Sequence[str], notes: Notes) -> None:
        self._lines = lines
        self._notes = notes

    def read(self, tokens: Sequence[Token], *, quoted: bool = False) -> Iterator[Piece]:
        """Yield the pieces of ``tokens``, which are whole blocks one after another."""
        for block in _blocks(tokens):
            yield from self._read_block(block, quoted)

    def _read_block(self, block: Sequence[Token], quoted: bool) -> Iterator[Piece]:
        first = block[0]
        line = self._line(first)
        match first.type:
            case "heading_open" if first.level == 0:
                text = marked.plain(block[1].content)
                level = int(first.tag[1:])
                yield Piece(kind=Kind.HEADING, line=line, text=text, level=level)
            case "fence" | "code_block":
                yield self._fence(first, quoted)
            case "paragraph_open" | "heading_open":
                yield self._paragraph(block[1].content, line)
            case "bullet_list_open" | "ordered_list_open":
                yield from self._list(block, quoted)
            case "blockquote_open":
                yield from self._quote(block)
            case "admonition_open":
                yield from self._admonition(block, quoted)
            case "html_block":
                yield from self._html(first, line)
            case "hr":
                pass
            case _:
                yield self._text(self._source(block), line)

    def _fence(self, token: Token, quoted: bool) -> Piece:
        start, end = token.map or (0, 0)
        closed = token.type == "code_block" or end - start - 2 == token.content.count("\n")
        return Piece(
            kind=Kind.FENCE,
            line=start + 1,
            text=token.content.removesuffix("\n"),
            info=token.info.strip(),
            closed=closed,
            is_quoted=quoted,
        )

    def _paragraph(self, text: str, line: int) -> Piece:
        if notice := marked.mkdocs_notice_of(text):
            return Piece(kind=Kind.NOTICE, line=line, info=notice[0], text=notice[1])
        return Piece(
            kind=Kind.TEXT, line=line, text=text, is_paragraph=not marked.is_component(text)
        )

    def _html(self, token: Token, line: int) -> Iterator[Piece]:
        text = token.content.strip("\n")
        if not text.lstrip().startswith("<!--"):
            yield self._text(text, line)
            return
        is_closed = "-->" in text
        holds_code = "```" in text or "~~~" in text
        if is_closed and not holds_code and text.rstrip().endswith("-->"):
            return
        if not is_closed:
            self._notes.add(line, "a comment is never closed", "End it with '-->'")
        elif holds_code:
            self._notes.add(line, "commands in a comment are only shown", "Take them out of it")
        yield self._text(shown_fence(text, "html"), line)

    def _quote(self, block: Sequence[Token]) -> Iterator[Piece]:
        inner = [*self.read(block[1:-1], quoted=True)]
        line = self._line(block[0])
        texts = [piece for piece in inner if piece.kind is not Kind.FENCE]
        whole = _QUOTE_MARK.sub("", self._source(block))
        alert = marked.alert_of(whole)
        if len(texts) < len(inner):
            whole = _QUOTE_MARK.sub("", "\n\n".join(_markdown(piece) for piece in texts))
            alert = marked.alert_of(whole)
            self._notes.add(line, "a command in a quote is only shown", "Move it to the margin")
        elif _deepest(block) >= DEEPEST - 1:
            alert = None
        if alert:
            yield Piece(kind=Kind.NOTICE, line=line, info=alert[0], text=alert[1] or alert[0])
        elif whole.strip():
            quoted = "\n".join(f"> {each}".rstrip() for each in whole.split("\n"))
            yield self._text(quoted, line)
        yield from (piece for piece in inner if piece.kind is Kind.FENCE)

    def _admonition(self, block: Sequence[Token], quoted: bool) -> Iterator[Piece]:
        opening = block[0]
        line = self._line(opening)
        kind = marked.KINDS.get(opening.info)
        title = marked.plain(opening.content)
        if kind is None:
            label = f"**{title or opening.info}**"
            yield Piece(kind=Kind.TEXT, line=line, text=label, is_paragraph=True)
            yield from self.read(block[1:-1], quoted=quoted)
            return
        inner = [*self.read(block[1:-1], quoted=True)]
        texts = [piece for piece in inner if piece.kind is not Kind.FENCE]
        if len(texts) < len(inner):
            fix = "Move it below the notice"
            self._notes.add(line, "a command in a notice is only shown", fix)
        text = "\n\n".join([*([title] if title else []), *map(_markdown, texts)])
        yield Piece(kind=Kind.NOTICE, line=line, info=kind, text=text or opening.info)
        yield from (piece for piece in inner if piece.kind is Kind.FENCE)

    def _list(self, block: Sequence[Token], quoted: bool) -> Iterator[Piece]:
        line = self._line(block[0])
        if _deepest(block) >= DEEPEST - 1:
            self._notes.add(line, "a list is nested too deeply", "Use headings for its upper parts")
            yield self._text(shown_fence(self._source(block), "markdown"), line)
            return
        items = [*_blocks(block[1:-1])]
        is_ordered = block[0].type == "ordered_list_open"
        if quoted or not (_acts(block) or is_ordered):
            yield from self._plain_list(block, line)
            return
        if is_ordered and all(marked.is_link_only(self._item_text(item)) for item in items):
            yield self._text(self._source(block), line)
            return
        for item in items:
            yield from self._item(item, is_ordered)
        if _runs(block):
            yield Piece(kind=Kind.LEAVE, line=line)

    def _plain_list(self, block: Sequence[Token], line: int) -> Iterator[Piece]:
        """Yield a list as text, with its fences behind it."""
        if not _holds(block, *_FENCES):
            yield self._text(self._source(block), line)
            return
        for item in _blocks(block[1:-1]):
            inner = [*self.read(item[1:-1], quoted=True)]
            texts = [_markdown(piece) for piece in inner if piece.kind is not Kind.FENCE]
            if texts:
                yield self._text("- " + "\n  ".join("\n\n".join(texts).split("\n")), line)
            yield from (piece for piece in inner if piece.kind is Kind.FENCE)

    def _item(self, item: Sequence[Token], is_ordered: bool) -> Iterator[Piece]:
        line = self._line(item[0])
        inner = item[1:-1]
        has_lead = bool(inner) and inner[0].type == "paragraph_open"
        lead = inner[1].content if has_lead else ""
        task = marked.task_of(lead)
        if not _acts(inner, below=True):
            text = self._item_text(item)
            if task is None and not is_ordered:
                yield self._text(f"- {text}", line)
            elif text := (marked.task_of(text) or text):
                yield Piece(kind=Kind.ITEMS, line=line, items=((line, text),))
            return
        rest = inner[3:] if has_lead else inner
        words = lead if task is None else task
        if _runs(inner):
            yield Piece(kind=Kind.ENTRY, line=line, text=words)
        elif words and (task is not None or is_ordered):
            yield Piece(kind=Kind.ITEMS, line=line, items=((line, words),))
        elif lead:
            yield Piece(kind=Kind.TEXT, line=line, text=lead, is_paragraph=True)
        yield from self.read(rest)

    def _item_text(self, item: Sequence[Token]) -> str:
        """Return the Markdown of an item without its bullet and indentation."""
        start, end = item[0].map or (0, 0)
        first = _BULLET.sub("", self._lines[start], count=1)
        rest = textwrap.dedent("\n".join(self._lines[start + 1 : end]))
        return f"{first}\n{rest}".strip()

    def _source(self, block: Sequence[Token]) -> str:
        start, end = block[0].map or (0, 0)
        return textwrap.dedent("\n".join(self._lines[start:end])).strip("\n").rstrip()

    def _text(self, text: str, line: int) -> Piece:
        return Piece(kind=Kind.TEXT, line=line, text=text)

    def _line(self, token: Token) -> int:
        return token.map[0] + 1 if token.map else 1


def _blocks(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the tokens of each block among ``tokens``, from its opening to its closing one."""
    start = 0
    for end, token in enumerate(tokens, start=1):
        if token.level == tokens[start].level and token.nesting <= 0:
            yield tokens[start:end]
            start = end


def _holds(tokens: Sequence[Token], *types: str) -> bool:
    return any(token.type in types for token in tokens)


def _runs(tokens: Sequence[Token]) -> bool:
    """Tell whether a list or item holds commands, and not only what is shown."""
    return any(
        token.type in _FENCES
        and role_of(read_opening(token.info).language, token.content) is not Role.SHOWN
        for token in tokens
    )


def _acts(tokens: Sequence[Token], *, below: bool = False) -> bool:
    """Tell whether a list or item holds a fence or something to tick, or, ``below``, beneath it."""
    if _holds(tokens, *_FENCES, "admonition_open"):
        return True
    boxes = [
        token
        for before, token in itertools.pairwise(tokens)
        if token.type == "inline"
        and before.type == "paragraph_open"
        and marked.task_of(token.content) is not None
    ]
    own = tokens[1] if below and len(tokens) > 1 else None
    return any(token is not own for token in boxes)


def _deepest(tokens: Sequence[Token]) -> int:
    return max(token.level for token in tokens)


def _markdown(piece: Piece) -> str:
    if piece.kind is Kind.ITEMS:
        return "\n".join(f"- {text}" for _, text in piece.items)
    if piece.kind is Kind.NOTICE:
        return f"**{piece.info.upper()}** {piece.text}"
    return piece.text
