"""What controls and sequences do to a screen: the table of them, and the doing.

Source: ECMA-48, and "XTerm Control Sequences" (invisible-island.net/xterm/ctlseqs).
"""

from collections.abc import Callable
from itertools import groupby
from typing import TYPE_CHECKING

from procedures.execution.command.terminal.cells import PLAIN, CellStyle, Row, shown
from procedures.execution.command.terminal.state import Cursor, Modes
from procedures.execution.command.terminal.styling import restyled

if TYPE_CHECKING:
    from procedures.execution.command.terminal.screen import TerminalScreen

_DRAWING = str.maketrans("`abcdefghijklmnopqrstuvwxyz{|}~", "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")


class Interpreter:
    """Does to a screen what controls and sequences say."""

    def __init__(self, screen: "TerminalScreen") -> None:
        self._screen = screen
        self._controls: dict[str, Callable[[], None]] = {
            "\b": self._backspace,
            "\t": lambda: self._tab(1),
            "\n": self._line_feed,
            "\v": self._line_feed,
            "\f": self._line_feed,
            "\r": self._carriage_return,
            "\x0e": lambda: self._shift(1),
            "\x0f": lambda: self._shift(0),
        }
        self._escapes: dict[str, Callable[[], None]] = {
            "7": self._save,
            "8": self._restore,
            "D": self._index,
            "E": self._next_line,
            "H": self._set_tab,
            "M": self._reverse_index,
            "c": screen.reset,
        }
        self._sequences: dict[str, Callable[[int], None]] = {
            "@": self._insert_cells,
            "A": lambda n: self._move(rows=-n),
            "B": lambda n: self._move(rows=n),
            "C": lambda n: self._move(cols=n),
            "D": lambda n: self._move(cols=-n),
            "E": lambda n: self._move(rows=n, home=True),
            "F": lambda n: self._move(rows=-n, home=True),
            "G": self._to_col,
            "I": self._tab,
            "L": self._insert_lines,
            "M": self._delete_lines,
            "P": self._delete_cells,
            "S": self._scroll_up,
            "T": self._scroll_down,
            "X": self._erase_cells,
            "Z": self._back_tab,
            "`": self._to_col,
            "a": lambda n: self._move(cols=n),
            "b": self._repeat,
            "d": self._to_row,
            "e": lambda n: self._move(rows=n),
        }

    def text(self, text: str) -> None:
        """Show characters."""
        place = self._screen.place
        if place.charsets[place.shift] == "0":
            text = text.translate(_DRAWING)
        self._screen.last_text = text[-1:]
        if text.isascii():
            self._write_narrow(text)
            return
        for width, characters in groupby(map(shown, text), key=lambda each: each[1]):
            run = "".join(character for character, _ in characters)
            if width == 1:
                self._write_narrow(run)
            elif width == 2:
                for character in run:
                    self._write_wide(character)
            else:
                for mark in run:
                    self._combine(mark)

    def control(self, code: str) -> None:
        """Do what a C0 control says."""
        if act := self._controls.get(code):
            act()

    def escape(self, intermediates: str, final: str) -> None:
        """Do what an escape sequence says."""
        place = self._screen.place
        if not intermediates:
            if act := self._escapes.get(final):
                act()
        elif intermediates == "(":
            place.charsets = (final, place.charsets[1])
        elif intermediates == ")":
            place.charsets = (place.charsets[0], final)
        elif intermediates == "#" and final == "8":
            self._show_test_picture()

    def sequence(self, mark: str, parameters: list[int], intermediates: str, final: str) -> None:
        """Do what a control sequence says."""
        if intermediates == "!" and final == "p":
            self._soft_reset()
        if intermediates:
            return
        if mark == "?" and final in "hl":
            for number in parameters:
                self._set_private_mode(number, on=final == "h")
        elif final in "cn":
            self._answer(mark, parameters[0], final)
        elif final in "JK" and mark in ("", "?"):
            (self._erase_screen if final == "J" else self._erase_line)(parameters[0])
        elif not mark:
            self._plain_sequence(parameters, final)

    def _plain_sequence(self, parameters: list[int], final: str) -> None:
        screen = self._screen
        if act := self._sequences.get(final):
            act(parameters[0] or 1)
        elif final in "Hf":
            row, col = (*parameters, 0)[:2]
            self._to(max(row, 1) - 1, max(col, 1) - 1)
        elif final == "m":
            screen.place.style = restyled(screen.place.style, parameters)
        elif final == "r":
            self._set_region(*(*parameters, 0)[:2])
        elif final == "g":
            self._clear_tab(parameters[0])
        elif final == "s":
            self._save()
        elif final == "u":
            self._restore()
        elif final in "hl":
            screen.modes.insert = (final == "h") if 4 in parameters else screen.modes.insert
            screen.modes.newline = (final == "h") if 20 in parameters else screen.modes.newline

    # Writing

    def _write_narrow(self, text: str) -> None:
        screen, place = self._screen, self._screen.place
        position = 0
        while position < len(text):
            self._wrap_if_due()
            row = screen.grid.rows[place.row]
            room = screen.cols - place.col
            if len(text) - position > room and not screen.modes.wrap:
                # Without wrapping all that is too much goes to the last cell.
                piece = text[position : position + room - 1] + text[-1]
                position = len(text)
            else:
                piece = text[position : position + room]
                position += len(piece)
            if screen.modes.insert:
                row.insert(place.col, len(piece), self._blank)
            row.put(place.col, piece, place.style)
            self._advance(len(piece))

    def _write_wide(self, character: str) -> None:
        screen, place = self._screen, self._screen.place
        if screen.cols < 2:
            self._write_narrow(" ")
            return
        self._wrap_if_due()
        if place.col == screen.cols - 1:
            if screen.modes.wrap:
                place.wrap_pending = True
                self._wrap_if_due()
            else:
                place.col -= 1
        row = screen.grid.rows[place.row]
        if screen.modes.insert:
            row.insert(place.col, 2, self._blank)
        row.put_wide(place.col, character, place.style)
        self._advance(2)

    def _combine(self, mark: str) -> None:
        place = self._screen.place
        col = place.col if place.wrap_pending else place.col - 1
        if col >= 0:
            self._screen.grid.rows[place.row].combine(col, mark)

    def _advance(self, cells: int) -> None:
        screen, place = self._screen, self._screen.place
        place.col += cells
        if place.col >= screen.cols:
            place.col = screen.cols - 1
            place.wrap_pending = screen.modes.wrap

    def _wrap_if_due(self) -> None:
        if self._screen.place.wrap_pending:
            self._carriage_return()
            self._index()

    def _repeat(self, count: int) -> None:
        if self._screen.last_text:
            self.text(self._screen.last_text * min(count, self._screen.cols * self._screen.rows))

    @property
    def _blank(self) -> CellStyle:
        """How erased cells look: they keep the ground."""
        ground = self._screen.place.style.ground
        return PLAIN if ground is None else CellStyle(ground=ground)

    # Moving

    def _to(self, row: int, col: int) -> None:
        screen, place = self._screen, self._screen.place
        top, bottom = (screen.top, screen.bottom) if place.origin else (0, screen.rows)
        place.row = min(max(row + top, top), bottom - 1)
        place.col = min(max(col, 0), screen.cols - 1)
        place.wrap_pending = False

    def _to_col(self, col: int) -> None:
        place = self._screen.place
        place.col = min(col - 1, self._screen.cols - 1)
        place.wrap_pending = False

    def _to_row(self, row: int) -> None:
        self._to(row - 1, self._screen.place.col)

    def _move(self, *, rows: int = 0, cols: int = 0, home: bool = False) -> None:
        """Move, but not out of the scrolling region if the cursor is in it."""
        screen, place = self._screen, self._screen.place
        first = screen.top if place.row >= screen.top else 0
        last = screen.bottom - 1 if place.row < screen.bottom else screen.rows - 1
        place.row = min(max(place.row + rows, first), last)
        place.col = 0 if home else min(max(place.col + cols, 0), screen.cols - 1)
        place.wrap_pending = False

    def _backspace(self) -> None:
        self._move(cols=-1)

    def _carriage_return(self) -> None:
        self._screen.place.col = 0
        self._screen.place.wrap_pending = False

    def _line_feed(self) -> None:
        if self._screen.modes.newline:
            self._carriage_return()
        self._index()

    def _next_line(self) -> None:
        self._carriage_return()
        self._index()

    def _index(self) -> None:
        screen, place = self._screen, self._screen.place
        place.wrap_pending = False
        if place.row == screen.bottom - 1:
            self._scroll_up(1)
        elif place.row < screen.rows - 1:
            place.row += 1

    def _reverse_index(self) -> None:
        screen, place = self._screen, self._screen.place
        place.wrap_pending = False
        if place.row == screen.top:
            self._scroll_down(1)
        elif place.row > 0:
            place.row -= 1

    def _save(self) -> None:
        self._screen.saved = self._screen.place.copy()

    def _restore(self) -> None:
        self._screen.place = self._screen.saved.copy()

    # Tabs

    def _tab(self, count: int) -> None:
        screen, place = self._screen, self._screen.place
        stops = sorted(stop for stop in screen.tabs if place.col < stop < screen.cols)
        place.col = stops[count - 1] if count <= len(stops) else screen.cols - 1

    def _back_tab(self, count: int) -> None:
        place = self._screen.place
        stops = sorted((stop for stop in self._screen.tabs if stop < place.col), reverse=True)
        place.col = stops[count - 1] if count <= len(stops) else 0
        place.wrap_pending = False

    def _set_tab(self) -> None:
        self._screen.tabs.add(self._screen.place.col)

    def _clear_tab(self, which: int) -> None:
        if which == 3:
            self._screen.tabs.clear()
        elif which == 0:
            self._screen.tabs.discard(self._screen.place.col)

    # Erasing, inserting, deleting

    def _erase_line(self, which: int) -> None:
        screen, place = self._screen, self._screen.place
        start = place.col if which == 0 else 0
        end = place.col + 1 if which == 1 else screen.cols
        if which in (0, 1, 2):
            screen.grid.rows[place.row].erase(start, end, self._blank)
            place.wrap_pending = False

    def _erase_screen(self, which: int) -> None:
        screen, place = self._screen, self._screen.place
        if which == 0:
            self._erase_line(0)
            screen.grid.erase_rows(place.row + 1, screen.rows, self._blank)
        elif which == 1:
            self._erase_line(1)
            screen.grid.erase_rows(0, place.row, self._blank)
        elif which == 2:
            screen.grid.erase_rows(0, screen.rows, self._blank)
        elif which == 3:
            screen.history.clear()

    def _erase_cells(self, count: int) -> None:
        place = self._screen.place
        self._row.erase(place.col, place.col + count, self._blank)
        place.wrap_pending = False

    def _insert_cells(self, count: int) -> None:
        self._row.insert(self._screen.place.col, count, self._blank)
        self._screen.place.wrap_pending = False

    def _delete_cells(self, count: int) -> None:
        self._row.delete(self._screen.place.col, count, self._blank)
        self._screen.place.wrap_pending = False

    @property
    def _row(self) -> Row:
        return self._screen.grid.rows[self._screen.place.row]

    def _insert_lines(self, count: int) -> None:
        screen, place = self._screen, self._screen.place
        if screen.top <= place.row < screen.bottom:
            screen.grid.scroll_down(place.row, screen.bottom, count, self._blank)
            self._carriage_return()

    def _delete_lines(self, count: int) -> None:
        screen, place = self._screen, self._screen.place
        if screen.top <= place.row < screen.bottom:
            screen.grid.scroll_up(place.row, screen.bottom, count, self._blank)
            self._carriage_return()

    def _scroll_up(self, count: int) -> None:
        screen = self._screen
        gone = screen.grid.scroll_up(screen.top, screen.bottom, count, self._blank)
        if screen.top == 0 and screen.alternate is None:
            screen.remember(gone)

    def _scroll_down(self, count: int) -> None:
        screen = self._screen
        screen.grid.scroll_down(screen.top, screen.bottom, count, self._blank)

    def _set_region(self, top: int, bottom: int) -> None:
        screen = self._screen
        top, bottom = max(top, 1) - 1, min(bottom or screen.rows, screen.rows)
        if bottom - top >= 2:
            screen.top, screen.bottom = top, bottom
            self._to(0, 0)

    # Modes and questions

    def _shift(self, which: int) -> None:
        self._screen.place.shift = which

    def _set_private_mode(self, number: int, *, on: bool) -> None:
        screen, modes = self._screen, self._screen.modes
        if number == 1:
            modes.application_cursor = on
        elif number == 6:
            screen.place.origin = on
            self._to(0, 0)
        elif number == 7:
            modes.wrap = on
            screen.place.wrap_pending &= on
        elif number == 25:
            modes.cursor_shown = on
        elif number in (47, 1047, 1049):
            screen.use_alternate(on, save=number == 1049)
        elif number == 1048:
            (self._save if on else self._restore)()
        elif number == 2004:
            modes.bracketed_paste = on

    def _soft_reset(self) -> None:
        screen = self._screen
        row, col = screen.place.row, screen.place.col
        screen.place, screen.saved = Cursor(row=row, col=col), Cursor()
        screen.modes = Modes(bracketed_paste=screen.modes.bracketed_paste)
        screen.top, screen.bottom = 0, screen.rows

    def _show_test_picture(self) -> None:
        screen = self._screen
        for row in screen.grid.rows:
            row.put(0, "E" * screen.cols, PLAIN)
        screen.top, screen.bottom = 0, screen.rows
        screen.place.origin = False
        self._to(0, 0)

    def _answer(self, mark: str, parameter: int, final: str) -> None:
        screen, place = self._screen, self._screen.place
        question = f"{mark}{parameter}{final}"
        if question in ("6n", "?6n"):
            row = place.row - screen.top if place.origin else place.row
            screen.answer(f"\x1b[{mark}{row + 1};{place.col + 1}R".encode())
        elif question == "5n":
            screen.answer(b"\x1b[0n")
        elif question == "0c":
            screen.answer(b"\x1b[?1;2c")  # a VT100 with advanced video, as xterm says
        elif question == ">0c":
            screen.answer(b"\x1b[>0;0;0c")
