"""Lines of a log as rows of a picture."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len

from procedures.execution.cleaning import clean_line
from procedures.execution.secrets.redaction import redact
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
_OWN_TIME_LENGTH = 40


_COLOURING = re.compile("\x1b\\[[0-9;]*m")
_RAW_OF_ONE = 8
"""Raw characters that are looked at for each one that is shown: of colours little is seen."""


def text_of(line: LogLine, secrets: tuple[str, ...] = (), most: int = LONGEST_LINE) -> str:
    """Return what a line says, harmless, on one row; the time before it stands in its head.

    Args:
        line: As it came.
        secrets: Values to mask, besides whatever looks like a secret.
        most: Characters that are wanted; those behind them are not even cleaned.
    """
    text = _clean(line.text, secrets, most + _OWN_TIME_LENGTH)
    own_time = _OWN_TIME.match(text)
    return text[own_time.end() :] if own_time and line.stamp else text


@lru_cache(maxsize=256)
def _clean(text: str, secrets: tuple[str, ...], most: int) -> str:
    raw = text[: _RAW_OF_ONE * most]
    if "\x1b" in raw:
        raw = _COLOURING.sub("", raw)  # a hundred times faster than what follows, which stays sure
    shown = redact(raw[: _RAW_OF_ONE // 2 * most].replace("\t", _TAB), secrets)
    return clean_line(shown, limit=most)


def label_of(unit: str, workload: str) -> str:
    """Return what tells a unit from its siblings, in a few cells."""
    rest = unit.partition(workload)[2].strip("-_.") if workload else ""
    rest = rest or unit
    return rest if len(rest) <= _LABEL_CELLS else f"…{rest[1 - _LABEL_CELLS :]}"


def head_of(line: LogLine, label: str, label_cells: int, *, date: bool) -> list[Span]:
    """Return what stands before a line's text: when, who, how severe."""
    stamp = f"{line.stamp[5:10]} {line.stamp[11:19]}" if date else line.stamp[11:19]
    glyph, style = GLYPHS[line.severity]
    spans = [(f" {stamp:<{14 if date else 8}} ", "dim")]
    if label_cells:
        spans.append((f"{clean_line(label):<{label_cells}} ", "key"))
    return [*spans, (f"{glyph} ", style)]


def body_of(
    line: LogLine,
    pattern: "re.Pattern[str] | None",
    secrets: tuple[str, ...] = (),
    start: int = 0,
    most: int = LONGEST_LINE,
) -> list[Span]:
    """Return a line's text from column ``start`` on, with what is sought marked in it."""
    style = _STYLES.get(line.severity, "text" if line.unit else "unknown")
    return list(_marked(text_of(line, secrets, start + most)[start:], style, pattern))


def rows_of(head: list[Span], body: list[Span], width: int) -> list[Line]:
    """Return a line broken into rows; continuation rows are indented beneath its text."""
    indent = sum(cell_len(text) for text, _ in head)
    breaks = _breaks("".join(text for text, _ in body), max(8, width - indent))
    rows: list[list[Span]] = [list(head)]
    at = 0
    for text, style in body:
        begin = 0
        while begin < len(text):
            if len(rows) <= len(breaks) and at == breaks[len(rows) - 1]:
                rows.append([(" " * indent, "")])
            following = breaks[len(rows) - 1] if len(rows) <= len(breaks) else at + len(text)
            end = min(len(text), begin + following - at)
            rows[-1].append((text[begin:end], style))
            at += end - begin
            begin = end
    return [tuple(row) for row in rows]


@lru_cache(maxsize=256)
def _breaks(text: str, room: int) -> tuple[int, ...]:
    """Return at which characters a text goes on in the next row of so many cells."""
    if text.isascii():
        return tuple(range(room, len(text), room))
    breaks: list[int] = []
    used = 0
    for at, character in enumerate(text):
        cells = 1 if character < "\u0300" else cell_len(character)
        if used + cells > room:
            breaks.append(at)
            used = 0
        used += cells
    return tuple(breaks)


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
