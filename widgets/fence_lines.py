"""A fence as lines: what it is for, then its text as it stands."""

import re
from collections.abc import Iterator

from rich.cells import chop_cells

from procedures.reference.levels import Level
from procedures.runbook.fences import FenceSyntaxError, Opening, parse_opening
from procedures.runbook.quantities import seconds
from widgets.marks import duration
from widgets.procedure_line import LEVEL_STYLES
from widgets.strips import Line, Span
from widgets.text_view import wrap

_ABOUT = {
    "check": "checks",
    "expect": "expects",
    "wait": "waits",
    "message": "message",
    "undo": "undone by",
}
_COMMANDS = frozenset({"sh", "bash"})


def applies_to(info: str, method: str) -> bool:
    """Tell whether a fence is for this deployment method, or for any."""
    methods = _opening(info).attributes.get("method", "")
    return not methods or method in re.split(r"[\s,|]+", methods)


def fence_lines(info: str, content: str, width: int) -> Iterator[Line]:
    """Yield a fence; a row of code that goes on in the next one begins with an arrow there."""
    opening = _opening(info)
    head = list(_head(opening))
    if head:
        first, *more = wrap(tuple(head), width - 2)
        yield [("┌ ", "dim"), *first]
        yield from ([("│ ", "dim"), *row] for row in more)
    style = "text" if opening.language in ("check", "wait", "message") else "code"
    for text in content.rstrip("\n").split("\n"):
        rows = chop_cells(text.expandtabs(4), max(8, width - 4)) or [""]
        yield [("│ ", "dim"), (rows[0], style)]
        yield from ([("│ ↪ ", "dim"), (row, style)] for row in rows[1:])


def _opening(info: str) -> Opening:
    try:
        return parse_opening(info)
    except FenceSyntaxError:
        return Opening(language=info.split(maxsplit=1)[0] if info.strip() else "", attributes={})


def _head(opening: Opening) -> Iterator[Span]:
    attributes = opening.attributes
    word = _ABOUT.get(opening.language, "" if opening.language in _COMMANDS else opening.language)
    if word:
        yield f"{word} ", "dim"
    if method := attributes.get("method"):
        yield f"{method} ", "strong"
    if opening.language in _COMMANDS | {"undo"}:
        level = attributes.get("level", Level.READ.value)
        yield f"{level.upper()} ", LEVEL_STYLES.get(level, "text")
    if (timeout := seconds(attributes.get("timeout", ""))) is not None:
        yield f"· at most {duration(timeout)} ", "dim"
    if affects := attributes.get("affects"):
        yield f"· affects {affects}", "dim"
