"""The words of a Markdown paragraph with their styles."""

from collections.abc import Sequence
from typing import NamedTuple

from markdown_it.token import Token

from widgets.strips import Span

LINK = "link"
"""Mark of a span that leads somewhere; two links in a row have an empty span between them."""


class Target(NamedTuple):
    """Where a link leads."""

    address: str


def spans_of(children: Sequence[Token], style: str, found: list[Target]) -> list[Span]:
    """Return the spans of a paragraph; the links in it are added to ``found``."""
    spans: list[Span] = []
    strong = 0
    linked = False
    for child in children:
        match child.type:
            case "strong_open" | "em_open":
                strong += 1
            case "strong_close" | "em_close":
                strong -= 1
            case "link_open":
                linked = True
                found.append(Target(str(child.attrGet("href") or "")))
                spans.append(("", style))
            case "link_close":
                linked = False
                spans.append(("", style))
            case "softbreak" | "hardbreak":
                spans.append((" ", style))
            case "code_inline":
                spans.append((child.content, LINK if linked else "code"))
            case "image":
                spans.append((f"[picture: {child.content}]", "dim"))
            case _ if child.content:
                spans.append((child.content, LINK if linked else "strong" if strong else style))
    return spans
