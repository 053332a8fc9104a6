"""The block structure of foreign Markdown, as markdown-it's tokens.

Text inside paragraphs is not parsed. Definitions of links stay paragraphs, so that nothing that a
document says is without a token.
"""

import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, html_block
from markdown_it.token import Token

DEEPEST = 20
"""Level of nesting from which on the parser leaves out what it finds."""

_OPENING = re.compile(r"(?P<colons>:{3,})[ \t]*(?P<kind>[A-Za-z][\w-]*)(?P<rest>.*)")
_CLOSING = re.compile(r":{3,}[ \t]*")
_PREFIX = re.compile(r"[ \t>]*")
_KEPT_HTML = re.compile(r"<(?:!|\?|(?:script|pre|style|textarea)(?:[\s>]|$))", re.IGNORECASE)
_JSX = re.compile(
    r"^(?:import\s[^\n]+\sfrom\s+['\"]|export\s+(?:const|default)\s|</?[A-Z]\w*[\s/>])",
    re.MULTILINE,
)
_PAIRS = "admonitions"
_ENDS = ["paragraph", "reference", "blockquote"]
"""Blocks that a notice or a comment ends."""


def looks_like_mdx(body: str) -> bool:
    """Tell whether a document imports or uses components, as Docusaurus pages do."""
    return _JSX.search(body) is not None


def tokens_of(body: str, *, mdx: bool) -> list[Token]:
    """Return the tokens of ``body``, which ends in a newline.

    Args:
        body: Markdown whose lines end in a bare newline.
        mdx: Lines of JSX are paragraphs, and an indented line is no code, as in MDX.
    """
    return _parser(mdx).parse(body, {_PAIRS: _pairs(body.split("\n"))})


@cache
def _parser(mdx: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST})
    parser.disable(["inline", "normalize", "reference"])
    parser.block.ruler.before("fence", "admonition", _admonition, {"alt": [*_ENDS, "list"]})
    if mdx:
        parser.disable("code")
        parser.block.ruler.at("html_block", _comment_only, {"alt": _ENDS})
    return parser


def _comment_only(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    position = state.bMarks[start] + state.tShift[start]
    if not _KEPT_HTML.match(state.src, position, state.eMarks[start]):
        return False
    return html_block(state, start, end, silent)


def _admonition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read ``:::warning Title`` … ``:::``; one that is never closed is text."""
    closing = state.env[_PAIRS].get(start)
    if closing is None or closing >= end or state.is_code_block(start):
        return False
    position = state.bMarks[start] + state.tShift[start]
    match = _OPENING.fullmatch(state.src, position, state.eMarks[start])
    if match is None or state.sCount[closing] < state.blkIndent:
        return False
    if silent:
        return True
    parent, last = state.parentType, state.lineMax
    state.parentType, state.lineMax = "container", closing
    token = state.push("admonition_open", "div", 1)
    token.map = [start, closing + 1]
    token.info = match["kind"].lower()
    token.content = match["rest"].strip().removeprefix("[").removesuffix("]").strip()
    state.md.block.tokenize(state, start + 1, closing)
    state.push("admonition_close", "div", -1)
    state.parentType, state.lineMax = parent, last
    state.line = closing + 1
    return True


def _pairs(lines: Sequence[str]) -> dict[int, int]:
    """Return the closing line of each admonition by its opening one; both count from 0."""
    pairs: dict[int, int] = {}
    opened: list[tuple[int, int]] = []
    fence = ""
    for number, line in enumerate(lines):
        if ":::" not in line and "```" not in line and "~~~" not in line:
            continue
        text = line[_PREFIX.match(line).end() :]  # type: ignore[union-attr]  # matches anything
        if text.startswith(("```", "~~~")):
            fence = "" if fence and text.startswith(fence) else fence or text[:3]
        elif not fence and (match := _OPENING.fullmatch(text)):
            opened.append((number, len(match["colons"])))
        elif fence or not opened or not _CLOSING.fullmatch(text):
            continue
        elif opened[-1][1] <= len(text.rstrip()):
            pairs[opened.pop()[0]] = number
    return pairs
