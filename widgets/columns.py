"""The names of a table's columns, above its rows."""

from collections.abc import Callable, Iterable

from widgets.painted import Painted
from widgets.strips import Line


class Columns(Painted):
    """One line; ``draw`` gets its width."""

    DEFAULT_CSS = "Columns { height: 1; }"

    def __init__(self, draw: Callable[[int], Line]) -> None:
        super().__init__()
        self._draw_names = draw

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the names."""
        yield self._draw_names(width)
