"""Lines of styled text, and how a widget turns them into Textual's strips."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from procedures.execution.cleaning import clean_line

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object

Span = tuple[str, str]
"""A piece of text and the name of its style, one of ``STYLE_NAMES``; empty: the widget's own."""

Line = Sequence[Span]
"""One row of a picture, from left to right."""


class _Ink(NamedTuple):
    """Names of theme colours; ``strength`` is how much of the inner one covers the widget's own."""

    color: str
    on: str = ""
    bold: bool = False
    strength: float = 1.0


_INKS = {
    "text": _Ink("foreground"),
    "dim": _Ink("foreground", strength=0.6),
    "strong": _Ink("foreground", bold=True),
    "ok": _Ink("success"),
    "warning": _Ink("warning"),
    "critical": _Ink("error", bold=True),
    "unknown": _Ink("accent"),
    "title": _Ink("primary", bold=True),
    "key": _Ink("primary", bold=True),
    "code": _Ink("secondary"),
    "cursor": _Ink("background", on="primary", bold=True),
    "chart-ok": _Ink("success", strength=0.55),
    "chart-warning": _Ink("warning", strength=0.8),
    "chart-critical": _Ink("error"),
    "over-ok": _Ink("background", on="success", strength=0.55),
    "over-warning": _Ink("background", on="warning", strength=0.8),
    "over-critical": _Ink("background", on="error"),
    "fill-ok": _Ink("success", on="surface", bold=True),
    "fill-warning": _Ink("background", on="warning", bold=True),
    "fill-critical": _Ink("background", on="error", bold=True),
    "fill-unknown": _Ink("accent", on="surface", bold=True),
    "fill-title": _Ink("foreground", on="surface"),
    "fill-key": _Ink("primary", on="surface", bold=True),
    "badge-sandbox": _Ink("background", on="success", bold=True),
    "badge-production": _Ink("background", on="error", bold=True),
    "badge-staging": _Ink("background", on="warning", bold=True),
    "badge-development": _Ink("background", on="primary", bold=True),
}

STYLE_NAMES = frozenset(_INKS)


def styles_on(ground: Color, variables: Mapping[str, str]) -> Mapping[str, Style]:
    """Return every named style for text that stands on ``ground``.

    Args:
        ground: The background of the widget.
        variables: The theme's colours by name.
    """
    used = {name for ink in _INKS.values() for name in (ink.color, ink.on) if name}
    return _styles(ground, tuple((name, variables[name]) for name in sorted(used)))


@lru_cache(maxsize=64)
def _styles(ground: Color, colors: tuple[tuple[str, str], ...]) -> Mapping[str, Style]:
    theme = {name: Color.parse(value) for name, value in colors}
    styles = {"": Style.from_color(theme["foreground"].rich_color, ground.rich_color)}
    for name, ink in _INKS.items():
        below = ground.blend(theme[ink.on], ink.strength) if ink.on else ground
        color = theme[ink.color] if ink.on else ground.blend(theme[ink.color], ink.strength)
        style = Style.from_color(color.rich_color, below.rich_color)
        styles[name] = style + Style(bold=True) if ink.bold else style
    return styles


class DrawsLines(_Widget):
    """Mix-in: turns lines into strips in the theme's colours.

    The styles are made once for a background and shared. Component classes would be looked up
    for each widget, which took longer than everything else at the start.
    """

    _named_styles: Mapping[str, Style] | None = None

    def strip(self, line: Line, width: int) -> Strip:
        """Return ``line`` cut or filled to ``width`` cells; nothing unprintable passes."""
        if self._named_styles is None:
            self._named_styles = styles_on(self.background_colors[1], self.app.theme_variables)
        styles = self._named_styles
        segments = []
        left = width
        for text, name in line:
            if left <= 0:
                break
            text = text[: 8 * width]
            if not text.isprintable():
                text = clean_line(text)
            length = cell_len(text)
            shown = text if length <= left else set_cell_size(text, left)
            left -= min(length, left)
            segments.append(Segment(shown, styles[name]))
        if left > 0:
            segments.append(Segment(" " * left, styles[""]))
        return Strip(segments, width)

    def forget_styles(self) -> None:
        """Look the styles up again: the theme or the widget's own style changed."""
        self._named_styles = None
