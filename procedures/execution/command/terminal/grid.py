"""The rows of a screen: scrolled, erased, resized; it knows no cursor and no sequences."""

from procedures.execution.command.terminal.cells import PLAIN, CellStyle, Row


class Grid:
    """``rows`` by ``cols`` cells."""

    def __init__(self, rows: int, cols: int) -> None:
        self.rows = [Row(cols) for _ in range(rows)]
        self.cols = cols

    def scroll_up(self, top: int, bottom: int, count: int, style: CellStyle) -> list[Row]:
        """Move the rows from ``top`` to before ``bottom`` up; return those that fell out."""
        count = min(count, bottom - top)
        gone = self.rows[top : top + count]
        fresh = [Row(self.cols, style) for _ in range(count)]
        self.rows[top:bottom] = self.rows[top + count : bottom] + fresh
        return gone

    def scroll_down(self, top: int, bottom: int, count: int, style: CellStyle) -> None:
        """Move the rows from ``top`` to before ``bottom`` down; blanks come in above."""
        count = min(count, bottom - top)
        fresh = [Row(self.cols, style) for _ in range(count)]
        self.rows[top:bottom] = fresh + self.rows[top : bottom - count]

    def erase_rows(self, start: int, end: int, style: CellStyle) -> None:
        """Blank whole rows from ``start`` to before ``end``."""
        for row in range(start, end):
            self.rows[row] = Row(self.cols, style)

    def resize(self, rows: int, cols: int, keep: int) -> list[Row]:
        """Take another size; return the rows that fell out at the top, so that ``keep`` stays."""
        out = max(min(keep + 1 - rows, len(self.rows) - 1), 0)
        gone, self.rows = self.rows[:out], self.rows[out : out + rows]
        self.rows += [Row(cols, PLAIN) for _ in range(rows - len(self.rows))]
        for row in self.rows:
            row.resize(cols)
        self.cols = cols
        return gone
