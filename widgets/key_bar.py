"""The line at the foot of a screen: the keys that work here and now."""

from collections.abc import Iterable, Sequence

from widgets.painted import Painted
from widgets.strips import Line, Span


class KeyBar(Painted):
    """Keys and what they do, most particular first; what has no room is left to ``?``."""

    DEFAULT_CSS = "KeyBar { dock: bottom; height: 1; }"

    def __init__(self) -> None:
        super().__init__(id="keys")
        self.keys: tuple[tuple[str, str], ...] = ()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        """Show ``keys``: pairs of key and description."""
        self.keys = tuple(keys)
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw as many keys as fit; help is always the last."""
        help_spans: list[Span] = [(" ? ", "fill-key"), ("Help ", "fill-title")]
        room = width - sum(len(text) for text, _ in help_spans)
        spans: list[Span] = []
        for key, description in self.keys:
            needed = len(key) + len(description) + 3
            if needed > room:
                break
            spans += [(f" {key} ", "fill-key"), (f"{description} ", "fill-title")]
            room -= needed
        yield [*spans, (" " * room, "fill-title"), *help_spans]
