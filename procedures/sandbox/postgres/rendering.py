"""How psql prints rows."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What psql's options say of its output."""

    aligned: bool = True
    tuples_only: bool = False
    separator: str = "|"
    csv: bool = False
    expanded: bool = False
    null: str = ""


def rendered(columns: Sequence[str], rows: Sequence[Sequence[object]], style: Style) -> str:
    """Return rows as text without a last line break."""
    cells = [[text(value, style.null) for value in row] for row in rows]
    if style.csv:
        return comma_separated(columns, rows, header=not style.tuples_only).rstrip("\n")
    if style.expanded:
        return _expanded(columns, cells, style)
    if not style.aligned:
        lines = [style.separator.join(row) for row in cells]
        if not style.tuples_only:
            lines = [style.separator.join(columns), *lines, _count(len(rows))]
        return "\n".join(lines)
    return _aligned(columns, cells, rows, style)


def comma_separated(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, header: bool, by: str = ","
) -> str:
    """Return rows as CSV, as COPY writes it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=by, lineterminator="\n")
    if header:
        writer.writerow(columns)
    writer.writerows([[text(value) for value in row] for row in rows])
    return out.getvalue()


def text(value: object, null: str = "") -> str:
    """Return one value as psql shows it."""
    if value is None:
        return null
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _aligned(
    columns: Sequence[str],
    cells: list[list[str]],
    rows: Sequence[Sequence[object]],
    style: Style,
) -> str:
    widths = [max([len(name), *(len(row[n]) for row in cells)]) for n, name in enumerate(columns)]
    right = [all(isinstance(row[n], int | float) for row in rows) for n in range(len(columns))]
    lines = [
        "|".join(
            f" {cell.rjust(width) if to_right else cell.ljust(width)} "
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]
    if style.tuples_only:
        return "\n".join(lines)
    head = "|".join(f" {name.center(width)} " for name, width in zip(columns, widths, strict=True))
    rule = "+".join("-" * (width + 2) for width in widths)
    return "\n".join([head.rstrip(), rule, *lines, _count(len(rows)), ""])


def _expanded(columns: Sequence[str], cells: list[list[str]], style: Style) -> str:
    width = max(map(len, columns), default=0)
    by = " | " if style.aligned else style.separator
    blocks = []
    for number, row in enumerate(cells, 1):
        lines = [
            f"{name.ljust(width) if style.aligned else name}{by}{cell}"
            for name, cell in zip(columns, row, strict=True)
        ]
        head = [] if style.tuples_only or not style.aligned else [f"-[ RECORD {number} ]"]
        blocks.append("\n".join([*head, *lines]))
    return "\n".join(blocks) if style.aligned else "\n\n".join(blocks)


def _count(rows: int) -> str:
    return f"({rows} row{'' if rows == 1 else 's'})"
