"""A terminal for a command that asks questions; standard library only.

The command gets a real pseudo-terminal. What is typed comes through the FIFO ``FOLDER/keys``, its
size from ``FOLDER/size``, so that any console can take part, and none is needed for it to live.
"""

import fcntl
import os
import struct
import termios
from pathlib import Path

from procedures.execution.command.terminal.screen import TerminalScreen
from procedures.execution.private_files import write_atomically

TERM = "xterm-256color"
"""What the emulator of the console understands, by its name in terminfo."""

_KEYS_AT_ONCE = 4096


class PseudoTerminal:
    """Master side of the terminal of one command.

    Questions that programs put to the terminal itself (where is the cursor, what are you) are
    answered here, once and at once: consoles come, go, and read the same output again later.

    Raises OSError when there is no terminal to be had.
    """

    def __init__(self, folder: Path, *, rows: int, cols: int) -> None:
        self._folder = folder
        self._size_file = folder / "size"
        self._seen_size = (0, 0)
        self._screen = TerminalScreen(rows, cols, history=0)
        self._waiting = b""
        self.master, self.slave = os.openpty()
        os.set_blocking(self.master, False)
        self._resize(rows, cols)
        os.mkfifo(folder / "keys", 0o600)
        # Open for writing too: otherwise it would be at its end whenever no console is there.
        self.keys = os.open(folder / "keys", os.O_RDWR | os.O_NONBLOCK)

    @property
    def has_waiting(self) -> bool:
        """Whether typed keys wait until the terminal takes them."""
        return bool(self._waiting)

    def notice(self, chunk: bytes) -> None:
        """Answer the questions in what was printed."""
        self._screen.feed(chunk)
        self._waiting += self._screen.answers()

    def take_keys(self) -> None:
        """Take what was typed from the FIFO; nothing is kept of it anywhere."""
        try:
            self._waiting += os.read(self.keys, _KEYS_AT_ONCE)
        except BlockingIOError:
            return

    def type_waiting(self) -> None:
        """Hand typed keys to the terminal, as many as it takes."""
        try:
            self._waiting = self._waiting[os.write(self.master, self._waiting) :]
        except BlockingIOError:
            return
        except OSError:
            self._waiting = b""

    def look_at_size(self) -> None:
        """Take over the size that a console asked for, if it is a new one."""
        try:
            status = self._size_file.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen == self._seen_size:
                return
            self._seen_size = seen
            rows, cols = map(int, self._size_file.read_text().split())
        except (OSError, ValueError):
            return
        self._resize(rows, cols)

    def foreground_group(self) -> int | None:
        """Return the process group that Ctrl+C would reach, if there is one."""
        try:
            group = os.tcgetpgrp(self.master)
        except OSError:
            return None
        return group if group > 0 else None

    def close(self) -> None:
        """Take no keys any more; a console that types now is told so."""
        os.close(self.keys)
        (self._folder / "keys").unlink(missing_ok=True)

    def _resize(self, rows: int, cols: int) -> None:
        rows, cols = bounded_size(rows, cols)
        self._screen.resize(rows, cols)
        try:
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        except OSError:
            return


def bounded_size(rows: int, cols: int) -> tuple[int, int]:
    """Return a size that a terminal can have."""
    return min(max(rows, 1), 1000), min(max(cols, 1), 1000)


def ask_for_size(folder: Path, rows: int, cols: int) -> None:
    """Ask the supervisor to resize the terminal; OSError if the folder cannot be written."""
    rows, cols = bounded_size(rows, cols)
    write_atomically(folder / "size", f"{rows} {cols}\n")
