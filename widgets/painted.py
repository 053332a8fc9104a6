"""The base of every widget that is one picture and repaints only the cells that changed."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.strips import DrawsLines, Line

WORTH_A_MOVE = 12
"""Equal cells between two changes that cost more than a move of the cursor and a colour."""


class Painted(DrawsLines, Widget):
    """A widget that is one picture: ``paint`` makes its lines, ``repaint`` shows the difference.

    Nesting a widget for each word costs layout and bytes at every refresh. Here a refresh
    compares the new lines with those on the screen and marks only the changed cells dirty, so
    that a slow link carries little.
    """

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(id=id, classes=classes, disabled=disabled)
        self._picture: list[Strip] = []
        self._drawn_width = -1

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Return the lines of the picture, top to bottom; missing ones are blank."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Show the present picture, touching only the cells that differ from the last one."""
        if not self.size or not self.is_attached:
            return
        before, width_before = self._picture, self._drawn_width
        self._draw()
        if len(before) != len(self._picture) or width_before != self._drawn_width:
            self.refresh()
            return
        changed = [
            Region(start, y, end - start, 1)
            for y, (old, new) in enumerate(zip(before, self._picture, strict=True))
            for start, end in differences(old, new)
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Return line ``y`` of the picture (Textual's line API)."""
        if len(self._picture) != self.size.height or self._drawn_width != self.size.width:
            self._draw()
        return self._picture[y]

    def notify_style_update(self) -> None:
        """Draw anew when the theme or a class changes."""
        super().notify_style_update()
        self._picture = []
        self.forget_styles()

    def on_focus(self, event: events.Focus) -> None:
        """Show the focus in the picture."""
        self.repaint()

    def on_blur(self, event: events.Blur) -> None:
        """Take the focus out of the picture."""
        self.repaint()

    def _draw(self) -> None:
        width, height = self.size
        self._drawn_width = width
        strips: list[Strip] = []
        for line in self.paint(width, height):
            if len(strips) == height:
                break
            strips.append(self.strip(line, width))
        strips.extend([self.strip((), width)] * (height - len(strips)))
        self._picture = strips


def differences(old: Strip, new: Strip) -> list[tuple[int, int]]:
    """Return the stretches in which two strips differ: first cell, one past the last."""
    if old == new:
        return []
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return [(0, new.cell_length)]
    stretches: list[tuple[int, int]] = []
    for cell, (one, other) in enumerate(zip(before, after, strict=True)):
        if one == other:
            continue
        if stretches and cell - stretches[-1][1] < WORTH_A_MOVE:
            stretches[-1] = (stretches[-1][0], cell + 1)
        else:
            stretches.append((cell, cell + 1))
    return stretches


def _cells(strip: Strip) -> list[tuple[str, Style | None]]:
    """Return one entry a cell; a wide character fills its cells with itself."""
    cells: list[tuple[str, Style | None]] = []
    for text, style, _ in strip:
        if text.isascii():
            cells.extend((character, style) for character in text)
        else:
            for character in text:
                cells.extend([(character, style)] * cell_len(character))
    return cells
