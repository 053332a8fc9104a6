"""A line that names what stands below it."""

from collections.abc import Iterable

from widgets.painted import Painted
from widgets.strips import Line


class Banner(Painted):
    """A title at the left and a note at the right; a troubled note is marked."""

    DEFAULT_CSS = "Banner { height: 1; }"

    def __init__(self, title: str = "", note: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title
        self.note = note
        self.troubled = False

    def show(self, title: str, note: str = "", troubled: bool = False) -> None:
        """Take over a new title and note."""
        self.title, self.note, self.troubled = title, note, troubled
        self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the line."""
        left = f" {self.title}  "
        note = f"? {self.note}" if self.troubled else self.note
        room = max(0, width - len(left) - 1)
        yield [
            (left, "fill-key"),
            (f"{note[:room]:>{room}} ", "fill-unknown" if self.troubled else "fill-title"),
        ]
