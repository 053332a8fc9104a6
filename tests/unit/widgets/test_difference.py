"""Only the cells that changed are sent to the terminal."""

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.painted import WORTH_A_MOVE, differences
from widgets.text_view import wrap

RED, BLUE = Style(color="red"), Style(color="blue")


def strip(*parts: tuple[str, Style]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def test_equal_lines_differ_nowhere() -> None:
    assert differences(strip(("same", RED)), strip(("same", RED))) == []


def test_the_same_cells_cut_differently_are_no_difference() -> None:
    assert differences(strip(("same", RED)), strip(("sa", RED), ("me", RED))) == []


def test_only_the_changed_stretch_is_named() -> None:
    assert differences(strip(("P95 143 ms", RED)), strip(("P95 157 ms", RED))) == [(5, 7)]


def test_a_change_of_colour_is_a_change() -> None:
    assert differences(strip(("ok", RED)), strip(("o", RED), ("k", BLUE))) == [(1, 2)]


def test_positions_count_cells_and_not_characters() -> None:
    assert differences(strip(("漢字 a", RED)), strip(("漢字 b", RED))) == [(5, 6)]


def test_changes_far_apart_are_sent_apart() -> None:
    between = "-" * (WORTH_A_MOVE + 1)
    old, new = strip((f"a{between}a", RED)), strip((f"b{between}b", RED))
    end = len(between) + 2
    assert differences(old, new) == [(0, 1), (end - 1, end)]


@given(st.text(alphabet="ab ", min_size=1, max_size=80), st.data())
def test_repainting_the_differences_gives_the_new_line(old: str, data: st.DataObject) -> None:
    new = data.draw(st.text(alphabet="ab ", min_size=len(old), max_size=len(old)))
    painted = list(old)
    for start, end in differences(strip((old, RED)), strip((new, RED))):
        assert painted[start] != new[start]
        assert painted[end - 1] != new[end - 1]
        painted[start:end] = new[start:end]
    assert "".join(painted) == new


@given(st.text(alphabet="word 漢", max_size=200), st.integers(10, 60))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    rows = wrap([(text, "text")], width)
    joined = "".join(piece for row in rows for piece, _ in row)
    assert joined.replace(" ", "") == text.replace(" ", "")


def test_a_continued_line_keeps_its_indentation() -> None:
    rows = wrap([("   alpha beta gamma", "text")], 12)
    assert ["".join(text for text, _ in row) for row in rows] == ["   alpha", "   beta", "   gamma"]
