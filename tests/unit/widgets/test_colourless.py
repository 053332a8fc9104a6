"""NO_COLOR means no colour at all, and nothing is lost by it."""

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from widgets.colourless import Colourless


def shown(style: Style) -> Style:
    (segment,) = Colourless().apply([Segment("x", style)], Color.parse("#0c1118"))
    assert segment.style is not None
    return segment.style


def test_no_colour_is_left() -> None:
    style = shown(Style(color="#ff5f5f", bgcolor="#1a222d", bold=True))
    assert style.color is None
    assert style.bgcolor is None
    assert style.bold


def test_what_stood_on_a_bright_ground_is_reversed() -> None:
    assert shown(Style(color="#000000", bgcolor="#ffd75f")).reverse
    assert not shown(Style(color="#d7dde5", bgcolor="#0c1118")).reverse


def test_a_segment_without_style_is_left_alone() -> None:
    (segment,) = Colourless().apply([Segment("x")], Color.parse("#0c1118"))
    assert segment.style is None
