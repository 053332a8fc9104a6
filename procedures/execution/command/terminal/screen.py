"""A terminal's screen, as an xterm would show it: enough for shells, editors, pagers, monitors.

Not there, because nobody needs it on a console: titles, clipboard, mouse, pictures, fonts.
"""

from collections import deque
from collections.abc import Sequence

from procedures.execution.command.terminal.cells import CellStyle, Row
from procedures.execution.command.terminal.grid import Grid
from procedures.execution.command.terminal.interpreter import Interpreter
from procedures.execution.command.terminal.parser import Parser
from procedures.execution.command.terminal.state import Cursor, Modes

HISTORY = 1000
"""Lines that are kept after they have left the screen at the top."""

_MOST_ANSWERS = 1024


class TerminalScreen:
    """Shows what bytes do to a terminal; they may be anything and may be cut anywhere.

    Args:
        rows: Height, at least 1.
        cols: Width in cells, at least 1.
        history: Lines to keep that have scrolled off.
    """

    def __init__(self, rows: int, cols: int, *, history: int = HISTORY) -> None:
        self._parser = Parser(Interpreter(self))
        self.history: deque[Row] = deque(maxlen=history)
        self.scrolled = 0
        """Lines that have ever gone to the history."""
        self._answers = b""
        self.rows, self.cols = max(rows, 1), max(cols, 1)
        self.reset()

    def reset(self) -> None:
        """Be as if just switched on; the history stays."""
        self.main = self.grid = Grid(self.rows, self.cols)
        self.alternate: Grid | None = None
        self.place = Cursor()
        self.saved = Cursor()
        self.saved_for_main = Cursor()
        self.modes = Modes()
        self.top, self.bottom = 0, self.rows
        self.tabs = set(range(0, 1000, 8))
        self.last_text = ""

    def feed(self, data: bytes) -> None:
        """Show what was printed."""
        self._parser.feed(data)

    def line(self, row: int) -> Sequence[tuple[str, CellStyle]]:
        """Return a row, from 0, as pieces of one style; together they fill the width."""
        return self.grid.rows[row].spans()

    def text(self) -> str:
        """Return what is shown, without styles and blanks at the ends of lines."""
        return "\n".join("".join(row.texts).rstrip() for row in self.grid.rows).rstrip("\n")

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Row and column of the cursor, from 0; None while it is hidden."""
        return (self.place.row, self.place.col) if self.modes.cursor_shown else None

    @property
    def application_cursor(self) -> bool:
        """Whether arrow keys are to be sent in their application form."""
        return self.modes.application_cursor

    @property
    def bracketed_paste(self) -> bool:
        """Whether pasted text is to be put in brackets."""
        return self.modes.bracketed_paste

    def answer(self, data: bytes) -> None:
        """Owe the program an answer; too many are forgotten."""
        if len(self._answers) + len(data) <= _MOST_ANSWERS:
            self._answers += data

    def answers(self) -> bytes:
        """Return what is to be typed for the program, as answer to its questions, once."""
        answers, self._answers = self._answers, b""
        return answers

    def resize(self, rows: int, cols: int) -> None:
        """Take another size; lines are cut, not wrapped anew."""
        rows, cols = max(rows, 1), max(cols, 1)
        if (rows, cols) == (self.rows, self.cols):
            return
        on_main = self.alternate is None
        keep = self.place.row if on_main else self.saved_for_main.row
        gone = self.main.resize(rows, cols, keep)
        self.remember(gone)
        (self.place if on_main else self.saved_for_main).row -= len(gone)
        if self.alternate:
            self.place.row -= len(self.alternate.resize(rows, cols, self.place.row))
        self.rows, self.cols = rows, cols
        self.top, self.bottom = 0, rows
        for place in (self.place, self.saved, self.saved_for_main):
            place.row = min(max(place.row, 0), rows - 1)
            place.col = min(place.col, cols - 1)
            place.wrap_pending = False

    def remember(self, rows: list[Row]) -> None:
        """Put rows that have left the main screen into the history."""
        self.history.extend(rows)
        self.scrolled += len(rows)

    def use_alternate(self, on: bool, *, save: bool) -> None:
        """Change to the alternate screen, which is blank then, or back."""
        if on and self.alternate is None:
            self.saved_for_main = self.place.copy()
            self.grid = self.alternate = Grid(self.rows, self.cols)
        elif not on and self.alternate is not None:
            self.grid, self.alternate = self.main, None
            if save:
                self.place = self.saved_for_main.copy()
        self.place.wrap_pending = False
