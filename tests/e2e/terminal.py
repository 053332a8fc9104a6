"""A real terminal around one command: keys in, screen out, and what is left when it ends."""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

POLL_S = 0.05

START_S = 30.0
"""How long anything may take that needs no more than a few instructions; machines are busy."""

_SHELL = """\
stty -a > before
read -r _
sh -c 'echo $$ > pid; exec "$@"' sh {command}
echo $? > ending
stty -a > after
mv ending status
exec cat
"""
"""Runs the command as a shell does, and then keeps the terminal as the command left it."""


class Terminal:
    """One command in a window of a tmux server that nobody else uses.

    Entering the context starts the command, leaving it kills the server and all in the window.

    Args:
        command: Program and arguments.
        width: Columns.
        height: Rows.
        variables: The whole environment of the command, except for TERM, which tmux sets.
        folder: An empty directory with a short path, for the socket and what is recorded.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        width: int,
        height: int,
        variables: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._command = shlex.join(command)
        self._size = (width, height)
        self._variables = dict(variables)
        self._folder = folder

    def __enter__(self) -> "Terminal":
        width, height = map(str, self._size)
        self._tmux("new-session", "-d", "-x", width, "-y", height, "sleep 600")
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self._tmux("set-option", "-g", "escape-time", "0")
        self._tmux("set-option", "-g", "default-terminal", "tmux-256color")
        (self._folder / "shell").write_text(_SHELL.format(command=self._command))
        self._tmux("respawn-pane", "-k", "-c", str(self._folder), "sh", "shell")
        # The recorder is there before the command, so that no byte is missed.
        self._tmux("pipe-pane", f"exec cat >> {shlex.quote(str(self._folder / 'raw'))}")
        self.wait_until((self._folder / "before").exists, "shell")
        self.press("Enter")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hang_up()

    def press(self, *keys: str) -> None:
        """Press keys by the names that tmux has for them: ``Enter``, ``C-p``, ``q``."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type ``text`` literally."""
        self._tmux("send-keys", "-l", text)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size, as dragging its corner does."""
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def hang_up(self) -> None:
        """Close the terminal under the command; harmless when it is closed already."""
        subprocess.run(self._argv("kill-server"), env=self._variables, capture_output=True)

    def screen(self) -> str:
        """Return what is visible, one line a row, without colours."""
        return self._tmux("capture-pane", "-p")

    def styled_screen(self) -> str:
        """Return what is visible, with the escape sequences of colours and emphasis."""
        return self._tmux("capture-pane", "-p", "-e")

    def raw(self) -> bytes:
        """Return every byte that the command has written so far."""
        return (self._folder / "raw").read_bytes()

    @property
    def pid(self) -> int:
        """Process id of the command."""
        return int((self._folder / "pid").read_text())

    @property
    def exit_status(self) -> int | None:
        """Exit status as a shell shows it; None while the command runs."""
        status = self._folder / "status"
        return int(status.read_text()) if status.exists() else None

    @property
    def is_restored(self) -> bool:
        """Whether the ended command left the terminal as it found it.

        That is: the alternate screen left, the cursor visible, no mouse reports, and the line
        discipline (``stty -a``) as before.
        """
        modes = "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"
        before, after = ((self._folder / name).read_text() for name in ("before", "after"))
        return self._tmux("display-message", "-p", modes).split() == ["0", "1", "0"] and (
            _without_size(before) == _without_size(after)
        )

    def wait_for(self, pattern: str, timeout_s: float = START_S) -> re.Match[str]:
        """Wait until the screen matches the pattern, line by line; return the first match."""
        found: list[re.Match[str]] = []

        def look() -> bool:
            ended = self.exit_status
            found.extend(re.finditer(pattern, self.screen(), re.MULTILINE))
            if ended is not None and not found:
                raise AssertionError(f"ended with {ended} before {pattern!r}:\n{self.screen()}")
            return bool(found)

        self.wait_until(look, f"{pattern!r} on the screen", timeout_s)
        return found[0]

    def wait_until_gone(self, pattern: str, timeout_s: float = START_S) -> None:
        """Wait until the screen does not match the pattern any more."""
        self.wait_until(
            lambda: not re.search(pattern, self.screen(), re.MULTILINE),
            f"screen without {pattern!r}",
            timeout_s,
        )

    def wait_for_end(self, timeout_s: float = START_S) -> int:
        """Wait until the command has ended; return its exit status."""
        self.wait_until(lambda: self.exit_status is not None, "end of the command", timeout_s)
        return self.exit_status if self.exit_status is not None else -1

    def wait_until(
        self, condition: Callable[[], object], what: str, timeout_s: float = START_S
    ) -> None:
        """Wait for a condition; AssertionError with the screen if it does not come true."""
        wait_until(condition, what, timeout_s, tell=self.screen)

    def _argv(self, *words: str) -> list[str]:
        return ["tmux", "-u", "-S", str(self._folder / "socket"), "-f", os.devnull, *words]

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            self._argv(*words), env=self._variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"tmux {words[0]}: {done.stderr.strip()}")
        return done.stdout


def wait_until(
    condition: Callable[[], object],
    what: str,
    timeout_s: float = START_S,
    *,
    tell: Callable[[], object] = str,
) -> None:
    """Wait until ``condition`` is true.

    Raises AssertionError that there is no ``what``, with what ``tell`` says, if it takes too long.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} after {timeout_s:g} s:\n{tell()}")
        time.sleep(POLL_S)


def missing_tmux() -> str:
    """Return why no terminal can be opened here, and what to do about it; empty if one can."""
    if shutil.which("tmux"):
        return ""
    return "tmux is not installed; run `apt-get install tmux`, then `pytest -m e2e`"


def _without_size(settings: str) -> str:
    return re.sub(r"(rows|columns) \d+;", "", settings)
