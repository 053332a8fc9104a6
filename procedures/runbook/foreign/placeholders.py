"""Places in a command that its author left for the operator to fill in, by their looks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANGLE = re.compile(
    r"(?<![<\\$])<(?P<name>[^\s<>&|;(){}$`\"'\\=*!?#~/-][^<>&;(){}$`\"'\\\n]{0,60})>"
)
_WORDS = re.compile(r"[A-Za-z_][\w-]*")
_FILE_DESCRIPTOR = re.compile(r"\s\d+$")
_BRACES = re.compile(r"\{\{\s*(?P<name>[A-Za-z_][\w-]*)\s*\}\}")
_DATE = re.compile(
    r"(?<![A-Za-z0-9$%{])"
    r"YYYY(?:[-_/.]?MM(?:[-_/.]?DD(?:[T_-]?HH[:_-]?MM(?:[:_-]?SS)?Z?)?)?)?(?![A-Za-z0-9])"
)
_YOURS = re.compile(
    r"(?<![\w$-])(?:your[-_][A-Za-z0-9_-]*[A-Za-z0-9]|YOUR[-_][A-Z0-9_-]*[A-Z0-9])(?![\w-]|=)"
)
_CHANGE_ME = re.compile(r"(?<![\w$-])(?:CHANGE[_-]?ME|REPLACE[_-]?ME)(?![\w-]|=)")

_TEMPLATE_WORDS = frozenset({"end", "else", "break", "continue", "now", "nil", "true", "false"})
_OUTPUT_WORDS = frozenset({"none", "nil", "null", "unknown", "pending", "invalid", "unset", "eof"})
_ELEMENTS = frozenset(
    {"a", "abbr", "b", "blockquote", "body", "br", "button", "code", "div", "em", "footer", "form",
     "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i", "iframe", "img",
     "input", "kbd", "label", "li", "link", "main", "meta", "nav", "ol", "option", "p", "pre", "s",
     "script", "section", "select", "small", "span", "strong", "style", "sub", "summary", "sup",
     "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title", "tr", "u", "ul",
     "video", "xml"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """One place to fill in.

    Attributes:
        start: Position of its first character in the command.
        end: Position behind its last one.
        text: As it is written, ``<pod-name>``.
        name: What it is called, ``pod-name``.
        is_markup: It may also be HTML, XML or a word of a program's output.
        is_ambiguous: Outside quotes it may also be a redirection from a file and into another.
    """

    start: int
    end: int
    text: str
    name: str
    is_markup: bool = False
    is_ambiguous: bool = False


def placeholders_of(script: str) -> list[Placeholder]:
    """Return what looks like a placeholder in ``script``, in order; none overlaps another."""
    if not any(mark in script for mark in ("<", "{{", "YYYY", "our", "OUR", "ME")):
        return []
    found: list[Placeholder] = []
    for each in sorted(_candidates(script), key=lambda each: (each.start, -each.end)):
        if not found or each.start >= found[-1].end:
            found.append(each)
    return found


def _candidates(script: str) -> Iterator[Placeholder]:
    for match in _ANGLE.finditer(script):
        if (each := _angled(match, script)) is not None:
            yield each
    for match in _BRACES.finditer(script):
        if match["name"] not in _TEMPLATE_WORDS:
            yield _placeholder(match, match["name"])
    for pattern in (_DATE, _YOURS, _CHANGE_ME):
        for match in pattern.finditer(script):
            yield _placeholder(match, match[0])


def _angled(match: re.Match[str], script: str) -> Placeholder | None:
    """Return the placeholder that ``<…>`` is; None for two redirections in a row."""
    name = match["name"]
    if name[-1].isspace() or _FILE_DESCRIPTOR.search(name) or " | " in name:
        return None
    word = _WORDS.match(name)
    after = script[match.end() : match.end() + 1]
    closes = word is not None and f"</{word[0]}>" in script
    lower = word[0].lower() if word else ""
    return Placeholder(
        start=match.start(),
        end=match.end(),
        text=match[0],
        name=name,
        is_markup=closes or lower in _ELEMENTS or name.lower() in _OUTPUT_WORDS or "=" in name,
        is_ambiguous=after.isalnum() or after in ("_", ">", "|", "&") if after else False,
    )


def _placeholder(match: re.Match[str], name: str) -> Placeholder:
    return Placeholder(start=match.start(), end=match.end(), text=match[0], name=name)
