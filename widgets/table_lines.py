"""A table as lines that fit: the widest columns give way, their cells are wrapped."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from widgets.strips import Line, Span
from widgets.text_view import wrap

_BETWEEN = " │ "
_LEAST = 6


def table_lines(rows: Sequence[Sequence[Sequence[Span]]], width: int) -> Iterator[Line]:
    """Yield the rows of a table, the first of them its head; each cell is a line of spans."""
    columns = max(map(len, rows), default=0)
    if not columns:
        return
    widths = _fitted(
        [max((_length(row[n]) for row in rows if n < len(row)), default=0) for n in range(columns)],
        width - len(_BETWEEN) * (columns - 1),
    )
    for number, row in enumerate(rows):
        yield from _row(row, widths)
        if number == 0:
            yield [("─┼─".join("─" * each for each in widths), "dim")]


def _length(cell: Sequence[Span]) -> int:
    return sum(cell_len(text) for text, _ in cell)


def _fitted(widths: list[int], room: int) -> list[int]:
    """Take from the widest column until all fit, or until none can give any more."""
    fitted = [max(1, width) for width in widths]
    while sum(fitted) > room and max(fitted) > _LEAST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _row(row: Sequence[Sequence[Span]], widths: Sequence[int]) -> Iterator[Line]:
    empty: list[Line] = [()]
    cells = [
        wrap(tuple(cell), width) if _length(cell) else empty
        for cell, width in zip_longest(row, widths, fillvalue=())
        if isinstance(width, int)
    ]
    for parts in zip_longest(*cells, fillvalue=()):
        line: list[Span] = []
        for number, (part, width) in enumerate(zip(parts, widths, strict=True)):
            if number:
                line.append((_BETWEEN, "dim"))
            line += [*part, (" " * max(0, width - _length(part)), "")]
        yield line
