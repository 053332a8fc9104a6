"""What commands print: lines of text, or the terminal of a command that asks questions."""

from collections import deque

from textual.app import ComposeResult
from textual.containers import Vertical

from widgets.banner import Banner
from widgets.terminal_view import TerminalView
from widgets.text_view import TextView

LINES = 2000
"""Lines kept on screen; all of them stay in the run's folder."""

PAINT_EVERY_S = 0.05
"""Output that comes faster than anyone reads is painted together."""


class OutputPane(Vertical):
    """Shows one command's output under a line that says whose it is."""

    DEFAULT_CSS = """
    OutputPane #output, OutputPane #terminal { height: 1fr; }
    OutputPane #terminal { display: none; }
    OutputPane.-terminal #terminal { display: block; }
    OutputPane.-terminal #output { display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._of = ""
        self._lines: deque[str] = deque([""], maxlen=LINES)
        self._is_resting = False
        self._is_dirty = False

    def compose(self) -> ComposeResult:
        """Build the line, the page and the terminal, of which one is visible."""
        yield Banner("Output", id="output-title")
        yield TextView(id="output", follow=True)
        yield TerminalView(id="terminal")

    @property
    def terminal(self) -> TerminalView:
        """The terminal, visible or not."""
        return self.query_one(TerminalView)

    @property
    def shows_terminal(self) -> bool:
        """Whether a terminal is shown rather than text."""
        return self.has_class("-terminal")

    def begin(self, of: str, *, terminal: bool = False) -> None:
        """Make room for what ``of`` prints."""
        self._of = of
        self._lines = deque([""], maxlen=LINES)
        self.set_class(terminal, "-terminal")
        self.terminal.clear()
        self.say("")
        self.flush()

    def say(self, note: str) -> None:
        """Write a note beside the title."""
        title = " · ".join(filter(None, ("Output", self._of)))
        self.query_one("#output-title", Banner).show(title, note)

    def write(self, text: str) -> None:
        """Add text, which may end in the middle of a line."""
        first, *more = text.split("\n")
        self._lines[-1] += first
        self._lines.extend(more)
        self._is_dirty = True
        if not self._is_resting:
            self.flush()

    def feed(self, data: bytes) -> None:
        """Show what a command printed on its terminal."""
        if not self.shows_terminal:
            self.add_class("-terminal")
        self.terminal.feed(data)

    def flush(self) -> None:
        """Paint what was added, and then rest for a moment."""
        self._is_dirty = False
        self.query_one("#output", TextView).show([[(line, "text")] for line in self._lines])
        self._is_resting = True
        self.set_timer(PAINT_EVERY_S, self._wake)

    def _wake(self) -> None:
        self._is_resting = False
        if self._is_dirty:
            self.flush()
