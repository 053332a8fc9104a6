"""Lines of a log as rows of a picture."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

from procedures.execution.cleaning import clean_line
from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity
from widgets.strips import Line, Span

GLYPHS = {
    Severity.ERROR: ("■", "critical"),
    Severity.WARNING: ("▲", "warning"),
    Severity.INFO: ("·", "dim"),
    Severity.DEBUG: ("·", "dim"),
    Severity.UNKNOWN: (" ", "dim"),
}
"""Sign and style of each severity: nothing is told by colour alone."""
_STYLES = {Severity.ERROR: "critical", Severity.WARNING: "warning", Severity.DEBUG: "dim"}
_LABEL_CELLS = 16
_TAB = "    "
_OWN_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\s+")


def text_of(line: LogLine) -> str:
    """Return what a line says, harmless, on one row; the time before it stands in its head."""
    text = clean_line(line.text.replace("\t", _TAB), limit=LONGEST_LINE)
    own_time = _OWN_TIME.match(text)
    return text[own_time.end() :] if own_time and line.stamp else text


def label_of(unit: str, workload: str) -> str:
    """Return what tells a unit from its siblings, in a few cells."""
    rest = unit.removeprefix(workload).strip("-_.") or unit
    return rest if len(rest) <= _LABEL_CELLS else f"…{rest[1 - _LABEL_CELLS :]}"


def head_of(line: LogLine, label: str, label_cells: int, *, date: bool) -> list[Span]:
    """Return what stands before a line's text: when, who, how severe."""
    stamp = f"{line.stamp[5:10]} {line.stamp[11:19]}" if date else line.stamp[11:19]
    glyph, style = GLYPHS[line.severity]
    spans = [(f" {stamp:<{14 if date else 8}} ", "dim")]
    if label_cells:
        spans.append((f"{clean_line(label):<{label_cells}} ", "key"))
    return [*spans, (f"{glyph} ", style)]


def body_of(line: LogLine, pattern: "re.Pattern[str] | None", start: int = 0) -> list[Span]:
    """Return a line's text from column ``start`` on, with what is sought marked in it."""
    style = _STYLES.get(line.severity, "text" if line.unit else "unknown")
    return list(_marked(text_of(line)[start:], style, pattern))


def rows_of(head: list[Span], body: list[Span], width: int) -> list[Line]:
    """Return a line broken into rows; continuation rows are indented beneath its text."""
    indent = sum(cell_len(text) for text, _ in head)
    room = max(8, width - indent)
    rows: list[list[Span]] = [list(head)]
    left = room
    for text, style in body:
        while text:
            fitting = _fitting(text, left)
            if fitting:
                rows[-1].append((fitting, style))
                text = text[len(fitting) :]
                left -= cell_len(fitting)
            if text:
                rows.append([(" " * indent, "")])
                left = room
    return [tuple(row) for row in rows]


def _fitting(text: str, cells: int) -> str:
    """Return the beginning of a text that fits; empty if not even its first character does."""
    if cell_len(text) <= cells:
        return text
    if cells < 2:  # a wide character needs two
        return ""
    return chop_cells(text, cells)[0]


def _marked(text: str, style: str, pattern: "re.Pattern[str] | None") -> Iterator[Span]:
    end = shown = 0
    for found in pattern.finditer(text) if pattern else ():
        if found.start() > end:
            # What is found twice in a row is one mark.
            if end > shown:
                yield text[shown:end], "cursor"
            yield text[end : found.start()], style
            shown = found.start()
        end = found.end()
    if end > shown:
        yield text[shown:end], "cursor"
    yield text[end:], style
