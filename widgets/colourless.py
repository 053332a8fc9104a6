"""Looks for terminals that are told to show no colour: shapes and weights say everything."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

BRIGHT = 0.35
"""Brightness of a background from which the text on it is set off by reversing it."""


class Colourless(LineFilter):
    """Takes every colour away and reverses what stood on a bright background."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return ``segments`` without colours."""
        return [
            Segment(text, style and _colourless(style), control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def _colourless(style: Style) -> Style:
    on = style.bgcolor
    bright = on is not None and not on.is_default and Color.from_rich_color(on).brightness > BRIGHT
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=bright != bool(style.reverse),
        meta=style.meta,
    )
