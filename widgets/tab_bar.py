"""A row of tabs; the screen decides what each shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message

from widgets.painted import Painted
from widgets.strips import Line, Span


class TabBar(Painted):
    """The names of the tabs in one line, the present one marked by brackets and colour."""

    DEFAULT_CSS = "TabBar { height: 1; }"

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        index: int

    def __init__(self, names: Sequence[str], hint: str = "") -> None:
        super().__init__(id="tabs")
        self.names = tuple(names)
        self.hint = hint
        self.index = 0

    def show(self, index: int) -> None:
        """Mark tab ``index``."""
        self.index = index
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the names and the hint at the right end."""
        spans: list[Span] = []
        for index, name in enumerate(self.names):
            if index == self.index:
                spans.append((f"[{name}]", "cursor"))
            else:
                spans.append((f" {name} ", "text"))
        room = width - sum(len(text) for text, _ in spans)
        yield [*spans, (f"{self.hint[:room]:>{max(0, room)}}", "dim")]

    def on_click(self, event: events.Click) -> None:
        """Tell which name was clicked."""
        edge = 0
        for index, name in enumerate(self.names):
            edge += len(name) + 2
            if event.x < edge:
                self.post_message(self.Chosen(index))
                return
