"""A document as one HTML file: no script, nothing from elsewhere, made to be printed as well."""

import re
from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from procedures.runbook.fences import FenceSyntaxError, parse_opening

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a222d; }
h1 { border-bottom: 3px solid #2f6fb3; } h2 { border-bottom: 1px solid #b8c4d0; margin-top: 2em; }
h3 { margin-top: 1.6em; }
pre { background: #f3f6f9; border: 1px solid #d5dde5; padding: .6em .8em; overflow-x: auto;
  white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
figure { margin: 1em 0; } figcaption { font-size: .85em; color: #55606c; }
.level-change { color: #8a5a00; font-weight: 600; }
.level-destructive { color: #b00020; font-weight: 700; }
table { border-collapse: collapse; } th, td { border: 1px solid #b8c4d0; padding: .3em .6em;
  text-align: left; vertical-align: top; }
blockquote { border-left: 4px solid #b8c4d0; margin: 1em 0; padding: .2em 1em; }
blockquote.warning { border-color: #c98a00; } blockquote.caution { border-color: #b00020; }
blockquote.note, blockquote.tip, blockquote.important { border-color: #2f6fb3; }
@media print { body { margin: 0; max-width: none; } pre, blockquote, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; } }
"""
_NOTICE = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*", re.IGNORECASE)
_BUDGET = re.compile(r"\s*\{budget=(\w+)\}\s*$")
_BOX = re.compile(r"\[( |x|X)\] ")
_SAID = {
    "check": "Checks",
    "expect": "Expected output",
    "wait": "Wait",
    "message": "Message",
    "undo": "Undone by",
}


def html_page(title: str, markdown: str) -> str:
    """Return a whole page; HTML in the document is text, and links to documents lead to pages."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = parser.parse(markdown)
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        _prepare(token, after)
    _mark_notices(tokens)
    body = parser.renderer.render(tokens, parser.options, {})
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


class _Renderer(RendererHTML):
    """Says above each fence what it is for."""

    def fence(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        """Return a fence with its caption."""
        token = tokens[idx]
        code = f"<pre><code>{escape(token.content)}</code></pre>"
        caption = _caption(token.info)
        if not caption:
            return f"{code}\n"
        return f"<figure><figcaption>{caption}</figcaption>{code}</figure>\n"


def _caption(info: str) -> str:
    try:
        opening = parse_opening(info)
    except FenceSyntaxError:
        return escape(info)
    attributes = opening.attributes
    parts = []
    if opening.language not in ("", "sh", "bash"):
        parts.append(escape(_SAID.get(opening.language, opening.language)))
    if method := attributes.get("method"):
        parts.append(escape(method))
    if level := attributes.get("level"):
        parts.append(f'<span class="level-{escape(level)}">{escape(level)}</span>')
    if affects := attributes.get("affects"):
        parts.append(f"affects {escape(affects)}")
    return " · ".join(parts)


def _prepare(token: Token, after: Token | None) -> None:
    """Give inline tokens what a page shows in another way than a source."""
    if token.type == "heading_open" and after is not None and after.children:
        last = after.children[-1]
        last.content = _BUDGET.sub(r" (within \1)", last.content)
    for child in token.children or ():
        if child.type == "link_open":
            address = str(child.attrGet("href") or "")
            child.attrSet("href", _page_of(address))
        elif child.type == "text":
            child.content = _BOX.sub(lambda m: "☐ " if m[1] == " " else "☑ ", child.content)


def _page_of(address: str) -> str:
    if ":" in address or not (match := re.fullmatch(r"(?:.*/)?([^/#]+)\.mdx?(#.*)?", address)):
        return address
    return f"{match[1]}.html{match[2] or ''}"


def _mark_notices(tokens: Sequence[Token]) -> None:
    for number, token in enumerate(tokens):
        if token.type != "blockquote_open" or number + 2 >= len(tokens):
            continue
        inline = tokens[number + 2]
        first = inline.children[0] if inline.children else None
        if first is not None and (match := _NOTICE.match(first.content)):
            token.attrSet("class", match[1].lower())
            first.content = f"{match[1].capitalize()}: {first.content[match.end() :]}"
