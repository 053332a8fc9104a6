"""A table as lines that fit: the widest columns give way, their cells are wrapped."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from widgets.strips import Line, Span
from widgets.text_view import wrap

_BETWEEN = " │ "
_LEAST = 6
_LONGEST_WORD = 18


def table_lines(rows: Sequence[Sequence[Sequence[Span]]], width: int) -> Iterator[Line]:
    """Yield the rows of a table, the first of them its head; each cell is a line of spans."""
    columns = max(map(len, rows), default=0)
    if not columns:
        return
    cells = [[row[n] for row in rows if n < len(row)] for n in range(columns)]
    widths = _fitted(
        [max(map(_length, column), default=0) for column in cells],
        [min(_LONGEST_WORD, max(map(_longest_word, column), default=0)) for column in cells],
        width - len(_BETWEEN) * (columns - 1),
    )
    for number, row in enumerate(rows):
        yield from _row(row, widths)
        if number == 0:
            yield [("─┼─".join("─" * each for each in widths), "dim")]


def _length(cell: Sequence[Span]) -> int:
    return sum(cell_len(text) for text, _ in cell)


def _longest_word(cell: Sequence[Span]) -> int:
    words = "".join(text for text, _ in cell).split()
    return max(map(cell_len, words), default=0)


def _fitted(widths: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Take from the widest column until all fit: first what no word needs, then of the words."""
    fitted = [max(1, width) for width in widths]
    for limits in (least, [_LEAST] * len(fitted)):
        while sum(fitted) > room:
            spare = [(w, n) for n, w in enumerate(fitted) if w > max(_LEAST, limits[n])]
            if not spare:
                break
            fitted[max(spare)[1]] -= 1
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
