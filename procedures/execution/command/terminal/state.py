"""What a terminal remembers besides its cells."""

from dataclasses import dataclass

from procedures.execution.command.terminal.cells import PLAIN, CellStyle


@dataclass(slots=True, kw_only=True)
class Cursor:
    """Where and how the next character is written: what DECSC saves."""

    row: int = 0
    col: int = 0
    style: CellStyle = PLAIN
    charsets: tuple[str, str] = ("B", "B")
    shift: int = 0
    origin: bool = False
    wrap_pending: bool = False

    def copy(self) -> "Cursor":
        """Return another one like it."""
        return Cursor(**{name: getattr(self, name) for name in self.__slots__})


@dataclass(slots=True, kw_only=True)
class Modes:
    """What programs switch on and off."""

    wrap: bool = True
    insert: bool = False
    newline: bool = False
    cursor_shown: bool = True
    application_cursor: bool = False
    bracketed_paste: bool = False
