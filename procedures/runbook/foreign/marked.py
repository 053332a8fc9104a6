"""Small marks within foreign Markdown: boxes to tick, alerts, labels, the words of a heading."""

import re
from functools import cache

from markdown_it import MarkdownIt

_TASK = re.compile(r"\[[ xX]\]\s+(?P<text>.*)", re.DOTALL)
_ALERT = re.compile(r"\[!(?P<kind>\w+)\][-+]?[ \t]*(?P<text>.*)", re.DOTALL)
_MKDOCS = re.compile(
    r"(?:!!!|\?\?\?\+?)[ \t]+(?P<kind>\w+)[ \t]*"
    r"(?:\"(?P<title>[^\"\n]*)\")?[ \t]*(?:\n(?P<text>.*))?",
    re.DOTALL,
)
_LINK_ONLY = re.compile(
    r"(?:(?:\A|\n)\s*(?:(?:[-*+]|\d+[.)])\s+)?\[[^\]\n]*\]\([^)\n]*\)[ \t.]*)+\s*"
)
_IDENTIFIER = re.compile(r"\s*\{#[\w-]+\}\s*$")
_INLINE = "*_`[]<&\\!"
_MOST_MARKS = 40

KINDS = {
    "note": "note", "info": "note", "seealso": "note", "abstract": "note", "example": "note",
    "tip": "tip", "hint": "tip", "success": "tip", "important": "important",
    "warning": "warning", "attention": "warning", "warn": "warning",
    "caution": "caution", "danger": "caution", "error": "caution",
}  # fmt: skip
"""Kinds of notices by the words that documents use."""


def task_of(text: str) -> str | None:
    """Return what is to be done, of an item with a box; None of any other."""
    match = _TASK.match(text)
    return match["text"].strip() if match else None


def alert_of(text: str) -> tuple[str, str] | None:
    """Return kind and text of a quote that is a GitHub alert of a known kind."""
    match = _ALERT.match(text)
    kind = KINDS.get(match["kind"].lower(), "") if match else ""
    return (kind, match["text"].strip()) if match and kind else None


def mkdocs_notice_of(text: str) -> tuple[str, str] | None:
    """Return kind and text of a paragraph ``!!! warning "Title"``."""
    match = _MKDOCS.fullmatch(text)
    kind = KINDS.get(match["kind"].lower(), "") if match else ""
    if match is None or not kind:
        return None
    return kind, "\n".join(part for part in (match["title"], match["text"]) if part)


def is_component(text: str) -> bool:
    """Tell whether a paragraph is JSX or HTML rather than words."""
    return text.startswith(("<", "{", "import ", "export "))


def is_link_only(text: str) -> bool:
    """Tell whether an item of a list is an entry of a table of contents."""
    return _LINK_ONLY.fullmatch(text) is not None


def plain(text: str, longest: int = 300) -> str:
    """Return the words of ``text`` on one line, without its Markdown marks."""
    text = _IDENTIFIER.sub("", text[: longest + 100])
    if 0 < sum(map(text.count, _INLINE)) <= _MOST_MARKS:
        inline = _parser().parseInline(text)[0].children or []
        kept = ("text", "code_inline", "softbreak", "hardbreak", "html_inline", "image")
        text = "".join(
            " " if child.type.endswith("break") else child.content
            for child in inline
            if child.type in kept
        )
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark")
