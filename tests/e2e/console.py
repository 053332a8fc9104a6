"""The shipped console as an operator holds it: opened in a terminal, read and walked."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from tests.e2e.home import Home
from tests.e2e.terminal import START_S, Terminal

KEY_INDICATORS = ("Availability", "P95 latency", "Error rate", "Cache hit rate", "CPU", "Memory")

RECOVERY_S = 240.0
"""An indicator's window is a minute, the cache warms as slowly, and then its state must hold."""

_CUT_TITLE = 10
"""Characters of a title that every size of window shows."""


class Console:
    """A console in a terminal.

    Attributes:
        home: Where it keeps its state.
        terminal: What it runs in.
    """

    def __init__(self, home: Home, terminal: Terminal) -> None:
        self.home = home
        self.terminal = terminal

    def wait_for_dashboard(self) -> None:
        """Wait for the first values."""
        self.terminal.wait_for(r"Availability[^?]*\n.*\d\.\d%")

    def indicator(self, title: str) -> str:
        """Return the value that the dashboard shows under ``title``; empty if it shows none.

        Narrow panels cut the end of a title off, to have room for the state.
        """
        rows = self.terminal.screen().splitlines()
        for above, row in pairwise(rows):
            if (column := above.find(f" {title[:_CUT_TITLE]}")) >= 0:
                shown = re.match(r"[^\d?]*([\d,.]+)", row[max(0, column - 2) :])
                return shown[1] if shown else ""
        return ""

    def close(self, pattern: str) -> None:
        """Close what is on top with Escape, and wait until the pattern is gone with it.

        No other key may follow at once: a terminal writes Alt+x as Escape and x.
        """
        self.terminal.press("Escape")
        self.terminal.wait_until_gone(pattern)

    def go_to_alerts(self) -> None:
        """Show the alerts."""
        self.terminal.press("2")
        self.terminal.wait_for("^ Alerts  ")

    def go_to_procedures(self) -> None:
        """Show the list of procedures, once it is read."""
        self.terminal.press("3")
        self.terminal.wait_for("(?s)^ Procedures  .* documents.*(▼ alerts|▶ unfinished)", START_S)
        self.terminal.wait_until_gone(r"reading (\d+ more|the catalogue)")

    def open_row(self, pattern: str, *, below: str, skip: int = 0) -> None:
        """Open a row of the list under the heading ``below``, wherever the cursor is.

        ``skip`` rows stand between the heading and the list.
        """
        self.terminal.wait_for(pattern)
        rows = self.terminal.screen().splitlines()
        top = skip + next(n for n, text in enumerate(rows) if text.startswith(f" {below} "))
        row = next(n for n, text in enumerate(rows) if n > top and re.search(pattern, text))
        self.terminal.press("Home", *["Down"] * (row - top - 1), "Enter")

    def open_procedure(self, title: str) -> None:
        """Find a procedure by its title and open it."""
        self.go_to_procedures()
        self.terminal.press("/")
        self.terminal.type(title)
        self.terminal.wait_for(
            rf"(?s)^ Procedures .*^ {title}$.*^ (read|change|destructive) +{title}"
        )
        self.terminal.press("Enter")
        self.terminal.wait_for("⏎ Open")
        self.open_row(rf"^ (read|change|destructive) +{title}", below="Procedures", skip=1)

    def begin(self, title: str) -> None:
        """Open a procedure from the list and begin a run of it."""
        self.open_procedure(title)
        self.begin_opened()

    def begin_opened(self) -> None:
        """Begin a run of the document that is shown."""
        self.terminal.wait_for("Enter begins")
        self.terminal.press("Enter")
        self.wait_for_steps(0)

    def wait_for_steps(self, number: int, timeout_s: float = START_S) -> None:
        """Wait until so many steps are done."""
        self.terminal.wait_for(rf"\b{number} of \d+ steps done", timeout_s)

    def wait_for_completion(self, timeout_s: float = START_S) -> None:
        """Wait for the end of the run."""
        self.terminal.wait_for("completed · ", timeout_s)

    def take_steps(self, numbers: Sequence[int], timeout_s: float = START_S) -> None:
        """Take steps that ask nothing, by the number of steps done after each."""
        for number in numbers:
            self.terminal.press("Enter")
            self.wait_for_steps(number, timeout_s)

    def tick(self, items: int) -> None:
        """Tick the items of the present step, of which none is ticked."""
        for number in range(1, items + 1):
            self.terminal.press("Enter")
            if number < items:
                self.terminal.wait_for("(?s)" + ".*".join("☑" * number))

    def choose(self, choice: str) -> None:
        """Take the way out of the present step that begins with ``choice``."""
        self.terminal.press("Enter")
        self.terminal.wait_for(rf"│ +{choice}")
        rows = self.terminal.screen().splitlines()
        top = next(number for number, text in enumerate(rows) if "Esc cancels" in text)
        row = next(n for n, text in enumerate(rows) if re.search(rf"│ +{choice}", text))
        self.terminal.press(*["Down"] * (row - top - 1), "Enter")

    def abort(self, reason: str) -> None:
        """End the run before its end."""
        self.terminal.press("a")
        self.terminal.wait_for("Abort the run · Enter accepts")
        self._answer(reason)
        self.terminal.wait_for("aborted · ")

    def ask_for(self, level: str) -> None:
        """Ask for the present step's command; wait until its dialog heeds the keys."""
        self.terminal.press("Enter")
        self.terminal.wait_for(f"━ {level} · ")
        self._wait_for_focus("Cancel")

    def confirm_change(self) -> None:
        """Ask for a reversible command, and go on."""
        self.ask_for("CHANGE")
        self.terminal.press("Tab")
        self._wait_for_focus("Go on")
        self.terminal.press("Enter")
        self._wait_until_answered()

    def confirm_destructive(self, words: Sequence[str], demanded: str) -> None:
        """Ask for a destructive command, and type ``words`` one after the other.

        Only the last of them may be the one that is ``demanded``.
        """
        self.ask_for("DESTRUCTIVE")
        self.terminal.press("BTab")
        # The cursor on the first letter tells that the field has the focus.
        self._wait_for_style(rf"T(\x1b\[[\d;]*m)+ype {demanded} to confirm", "cursor")
        for word in words:
            self.terminal.wait_for("━ DESTRUCTIVE · ")
            # A letter typed before the field is empty would be deleted with the rest.
            self.terminal.press("C-u")
            self.terminal.wait_for(f"Type {demanded} to confirm")
            self._answer(word)
        self._wait_until_answered()

    def quit(self) -> int:
        """Leave the console from a place where no dialog is open; return the exit status."""
        self.terminal.press("q")
        return self.terminal.wait_for_end()

    def _answer(self, text: str) -> None:
        """Type into the field that has the focus, and press Enter once the text is there."""
        self.terminal.type(text)
        self.terminal.wait_for(rf"[┃│▊] +{text} ")
        self.terminal.press("Enter")

    def _wait_for_focus(self, button: str) -> None:
        """Wait until a button is shown reversed; until then, keys go to where the focus was."""
        reversed_ = r"\x1b\[(\d+;)*7(;\d+)*m(\x1b\[[\d;]*m)*"
        self._wait_for_style(f"{reversed_} {button} ", f"focus on {button}")

    def _wait_for_style(self, pattern: str, what: str) -> None:
        self.terminal.wait_until(lambda: re.search(pattern, self.terminal.styled_screen()), what)

    def _wait_until_answered(self) -> None:
        self.terminal.wait_until_gone("━ (CHANGE|DESTRUCTIVE) · ")


@contextmanager
def opened(
    home: Home, *words: str, size: tuple[int, int] = (80, 24), **variables: str
) -> Iterator[Console]:
    """Start the command (a demo, if there are no words) in a terminal of columns by rows."""
    terminal = Terminal(
        home.argv(*(words or ("demo",))),
        width=size[0],
        height=size[1],
        variables=home.variables | variables,
        folder=Path(tempfile.mkdtemp(prefix="t-", dir=home.path)),
    )
    with terminal:
        yield Console(home, terminal)
