"""A script cut into steps at its numbered comments, and into alternatives at ``# or``.

A cut is only made between whole commands, and only where the parts can run in shells of their own.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

from procedures.runbook.foreign.layout import Layout, layout_of
from procedures.runbook.foreign.masking import masked
from procedures.runbook.foreign.methods import methods_of
from procedures.runbook.foreign.shell_state import are_apart

_NUMBERED = re.compile(
    r"#+\s*(?:(?:step\s*)?\d{1,3}\s*[.):]|step\s+\d{1,3}\b[\s–—-]*)\s+(?P<title>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_OR = re.compile(r"#[\s#(*=–—-]*(?:or|alternatively)\b(?!-)", re.IGNORECASE)
_LABEL = re.compile(
    r"#[\W_]*(?:(?:if|on|with|for|using|via|in|under|by|running)\s+)*"
    r"(?:docker|compose|kubernetes|k8s|kubectl|helm|systemd|systemctl)\b.{0,30}",
    re.IGNORECASE,
)
"""A comment that may name the method of the lines below it."""

_ANY_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that a script does.

    Attributes:
        script: Its lines, as they are.
        offset: Lines of the whole script above it.
        title: What its numbered comment says; may be empty.
        alternatives: Other ways to do the same, of which only one may be run.
        fault: Why it must not be run; empty if it may.
        remark: What an author may want to know although it runs.
    """

    script: str
    offset: int = 0
    title: str = ""
    alternatives: tuple["Part", ...] = ()
    fault: str = ""
    remark: str = ""


@dataclass(slots=True)
class _Unit:
    rows: list[int] = field(default_factory=list)
    is_alternative: bool = False
    has_code: bool = False


def is_to_be_cut(script: str) -> bool:
    """Tell whether comments of ``script`` are numbered, say *or*, or name several methods."""
    comments = [match[0].strip() for match in _ANY_COMMENT.finditer(script)]
    if any(_NUMBERED.fullmatch(text) or _OR.match(text) for text in comments):
        return True
    return sum(_LABEL.fullmatch(text) is not None for text in comments) > 1


def parts_of(script: str) -> list[Part]:
    """Return the parts of ``script``, which together hold each of its lines once."""
    if not is_to_be_cut(script):
        return [Part(script=script)]
    layout = layout_of(masked(script).text)
    if layout is None:
        comments = (match[0].strip() for match in _ANY_COMMENT.finditer(script))
        has_or = any(_OR.match(text) for text in comments)
        fault = "it holds alternatives, and cannot be parsed" if has_or else ""
        return [Part(script=script, fault=fault)]
    lines = script.split("\n")
    numbered = _numbered(lines, layout)
    return [each for part in numbered for each in _with_alternatives(part, lines, layout)]


def _numbered(lines: Sequence[str], layout: Layout) -> list[Part]:
    """Cut before every numbered comment; what stands above the first belongs to it."""
    titles = {
        row: match["title"].strip()
        for row, text in sorted(layout.comments.items())
        if (match := _NUMBERED.fullmatch(text))
    }
    if len(titles) < 2:
        return [Part(script="\n".join(lines), title=next(iter(titles.values()), ""))]
    starts = [0, *list(titles)[1:]]
    ends = [*starts[1:], len(lines)]
    parts = [
        _part(lines, range(start, end), title)
        for start, end, title in zip(starts, ends, titles.values(), strict=True)
    ]
    if are_apart([masked(part.script).text for part in parts]):
        return parts
    return [
        Part(
            script="\n".join(lines),
            remark="its numbered parts stay one command: the later need what the earlier set",
        )
    ]


def _with_alternatives(part: Part, lines: Sequence[str], layout: Layout) -> list[Part]:
    rows = range(part.offset, part.offset + part.script.count("\n") + 1)
    marks = _marks(rows, lines, layout)
    if not marks:
        return [part]
    groups = _groups(_units(rows, layout, marks))
    found = [
        replace(
            _part(lines, group[0].rows, part.title if number == 0 else ""),
            alternatives=tuple(_part(lines, unit.rows) for unit in group[1:]),
        )
        for number, group in enumerate(groups)
    ]
    groups_apart = are_apart([masked(_all_of(each)).text for each in found])
    if groups_apart and all(_are_alternatives(each) for each in found):
        return found
    fault = "it holds alternatives that need what other lines of it set"
    return [replace(part, fault=fault)]


def _marks(rows: range, lines: Sequence[str], layout: Layout) -> set[int]:
    """Return the lines at which an alternative begins.

    Comments that name methods tell alternatives apart where their commands are for just those.
    """
    marks = {row for row in rows if _OR.match(layout.comments.get(row, ""))}
    labels = [row for row in rows if _LABEL.fullmatch(layout.comments.get(row, ""))]
    ends = [*labels[1:], rows.stop]
    texts = ["\n".join(lines[start:end]) for start, end in zip(labels, ends, strict=False)]
    methods = [methods_of(masked(text).text) for text in texts]
    if all(methods) and len(set(methods)) == len(methods):
        marks |= set(labels[1:])
    return marks


def _units(rows: range, layout: Layout, marks: Set[int]) -> list[_Unit]:
    """Cut at ``marks``, and at the blank lines that end a paragraph of commands."""
    units: list[_Unit] = []
    unit = _Unit()
    for row in rows:
        if row in marks:
            if unit.has_code:
                units.append(unit)
                unit = _Unit()
            unit.is_alternative = bool(units)
        unit.rows.append(row)
        if row in layout.occupied:
            unit.has_code = True
        elif row not in layout.comments and unit.has_code:
            units.append(unit)
            unit = _Unit()
    if unit.has_code or not units:
        units.append(unit)
    else:
        units[-1].rows += unit.rows
    return units


def _groups(units: list[_Unit]) -> list[list[_Unit]]:
    """Put alternatives behind what they are alternatives of, and join what has none."""
    groups: list[list[_Unit]] = []
    for unit in units:
        if unit.is_alternative:
            groups[-1].append(unit)
        else:
            groups.append([unit])
    joined: list[list[_Unit]] = []
    for group in groups:
        if joined and len(group) == 1 and len(joined[-1]) == 1:
            joined[-1][0].rows += group[0].rows
        else:
            joined.append(group)
    return joined


def _all_of(part: Part) -> str:
    return "\n".join([part.script, *(each.script for each in part.alternatives)])


def _are_alternatives(part: Part) -> bool:
    texts = [masked(each.script).text for each in (part, *part.alternatives)]
    return are_apart(texts, alternatives=True)


def _part(lines: Sequence[str], rows: Sequence[int], title: str = "") -> Part:
    return Part(script="\n".join(lines[row] for row in rows), offset=rows[0], title=title)
