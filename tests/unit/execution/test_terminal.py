"""What a terminal shows: sequences and the grids they make."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.execution.command.terminal.cells import CellStyle
from procedures.execution.command.terminal.screen import TerminalScreen

ROWS, COLS = 4, 10
LETTERS = "\r\n".join(("aaaa", "bbbb", "cccc", "dddd"))


def shown(data: str, rows: int = ROWS, cols: int = COLS) -> str:
    screen = TerminalScreen(rows, cols)
    screen.feed(data.encode())
    return screen.text()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("one\r\ntwo", "one\ntwo"),
        ("one\ntwo", "one\n   two"),
        ("abc\rX", "Xbc"),
        ("abc\b\bX", "aXc"),
        ("a\tb", "a       b"),
        ("0123456789ab", "0123456789\nab"),
        ("0123456789\r\nab", "0123456789\nab"),
        ("\x1b[?7l0123456789abc", "012345678c"),
        ("1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5"),
        (LETTERS + "\x1b[2;3HX", "aaaa\nbbXb\ncccc\ndddd"),
        (LETTERS + "\x1b[HX\x1b[99;99HY", "Xaaa\nbbbb\ncccc\ndddd     Y"),
        (LETTERS + "\x1b[A\x1b[DX", "aaaa\nbbbb\ncccX\ndddd"),
        (LETTERS + "\x1b[2;3H\x1b[J", "aaaa\nbb"),
        (LETTERS + "\x1b[2;3H\x1b[1J", "\n   b\ncccc\ndddd"),
        (LETTERS + "\x1b[2J\x1b[HX", "X"),
        (LETTERS + "\x1b[2;3H\x1b[K", "aaaa\nbb\ncccc\ndddd"),
        (LETTERS + "\x1b[2;2H\x1b[1K", "aaaa\n  bb\ncccc\ndddd"),
        (LETTERS + "\x1b[2;2H\x1b[2X", "aaaa\nb  b\ncccc\ndddd"),
        ("abcdef\x1b[1;3H\x1b[2@X", "abX cdef"),
        ("abcdef\x1b[1;3H\x1b[2P", "abef"),
        ("abc\x1b[1;2H\x1b[4hX\x1b[4l", "aXbc"),
        (LETTERS + "\x1b[2;1H\x1b[L", "aaaa\n\nbbbb\ncccc"),
        (LETTERS + "\x1b[2;1H\x1b[2M", "aaaa\ndddd"),
        (LETTERS + "\x1b[2;3r\x1b[3;1H\nX", "aaaa\ncccc\nX\ndddd"),
        (LETTERS + "\x1b[2;3r\x1b[2;1H\x1bMX", "aaaa\nX\nbbbb\ndddd"),
        (LETTERS + "\x1b[2;3r\x1b[?6h\x1b[9;1HX", "aaaa\nbbbb\nXccc\ndddd"),
        (LETTERS + "\x1b[S", "bbbb\ncccc\ndddd"),
        (LETTERS + "\x1b[T", "\naaaa\nbbbb\ncccc"),
        ("main\x1b[?1049h\x1b[Hother\x1b[?1049l!", "main!"),
        ("main\x1b[?1049h\x1b[Hother", "other"),
        ("\x1b(0lqqk\x1b(B x", "┌──┐ x"),
        ("\x1b)0\x0exx\x0fx", "││x"),
        ("a\x1b7\x1b[3;3Hb\x1b8c", "ac\n\n  b"),
        ("a\x1b[s\x1b[3;3Hb\x1b[uc", "ac\n\n  b"),
        ("ab\x1b[3b", "abbbb"),
        ("\x1b[3g\x1b[1;4H\x1bH\rx\ty", "x  y"),
        ("漢字", "漢字"),
        ("123456789漢", "123456789\n漢"),
        ("漢字\x1b[1;2HX", " X字"),
        ("漢字\x1b[1;3HX", "漢X"),
        ("e\u0301x", "e\u0301x"),
        ("\x1b#8", "\n".join(["E" * COLS] * ROWS)),
        ("x\x1bcy", "y"),
        # Nobody's business: titles, clipboards, pictures, and what makes no sense.
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]52;c;ZXZpbA==\x1b\\b", "ab"),
        ("a\x1bPq#0;2;0;0;0~-\x1b\\b", "ab"),
        ("a\x1b_app\x1b\\b\x1b^pm\x1b\\c", "abc"),
        ("a\x1b[999999999999;Hb", "a\n\n\nb"),
        ("a\x1b[?25;;;hb\x1b[1;2", "ab"),
        ("a\x1b[>4;2m\x1b[?2026h\x1b[18tb", "ab"),
        ("a\u202eb\u200bc", "a\ufffdbc"),
        ("a\x00\x7fb", "ab"),
        ("a\x1b[3\x18b", "ab"),
    ],
)
def test_a_sequence_makes_this_picture(data: str, text: str) -> None:
    assert shown(data) == text


def test_what_is_no_utf8_is_shown_as_such() -> None:
    screen = TerminalScreen(ROWS, COLS)
    screen.feed(b"a\xffb\xc3")
    screen.feed(b"\xa9")
    assert screen.text() == "a\ufffdb\u00e9"


def test_styles_go_with_the_text() -> None:
    screen = TerminalScreen(1, 9)
    screen.feed(b"\x1b[1;31ma\x1b[0;7mb\x1b[27;38;5;200;48;2;255;0;0mc\x1b[39;49;94md\x1b[me")
    assert screen.line(0) == (
        ("a", CellStyle(bold=True, ink=1)),
        ("b", CellStyle(reverse=True)),
        ("c", CellStyle(ink=200, ground=196)),
        ("d", CellStyle(ink=12)),
        ("e    ", CellStyle()),
    )


def test_what_is_erased_keeps_the_ground() -> None:
    screen = TerminalScreen(1, 4)
    screen.feed(b"\x1b[44;1mab\x1b[K")
    assert screen.line(0) == (
        ("ab", CellStyle(bold=True, ground=4)),
        ("  ", CellStyle(ground=4)),
    )


def test_questions_are_answered_once_and_not_without_bound() -> None:
    screen = TerminalScreen(ROWS, COLS)
    screen.feed(b"\x1b[2;3H\x1b[6n\x1b[5n\x1b[c\x1b[>c")
    assert screen.answers() == b"\x1b[2;3R\x1b[0n\x1b[?1;2c\x1b[>0;0;0c"
    assert screen.answers() == b""
    screen.feed(b"\x1b[6n" * 100_000)
    assert len(screen.answers()) <= 1024


def test_the_cursor_can_be_hidden() -> None:
    screen = TerminalScreen(ROWS, COLS)
    screen.feed(b"ab\r\nc")
    assert screen.cursor == (1, 1)
    screen.feed(b"\x1b[?25l")
    assert screen.cursor is None


def test_lines_that_leave_the_main_screen_are_kept_and_no_others() -> None:
    screen = TerminalScreen(2, 4, history=3)
    screen.feed(b"1\r\n2\r\n3\r\n4\r\n5\r\n6")
    screen.feed(b"\x1b[?1049h" + b"x\r\n" * 10 + b"\x1b[?1049l")
    assert ["".join(row.texts).strip() for row in screen.history] == ["2", "3", "4"]
    assert screen.scrolled == 4


@pytest.mark.parametrize(
    ("rows", "cols", "text"),
    [
        (4, 10, "aaaa\nbbbb\ncccc\ndddd"),
        (2, 10, "cccc\ndddd"),
        (6, 2, "aa\nbb\ncc\ndd"),
        (1, 1, "d"),
    ],
)
def test_another_size_keeps_the_line_of_the_cursor(rows: int, cols: int, text: str) -> None:
    screen = TerminalScreen(ROWS, COLS)
    screen.feed(LETTERS.encode())
    screen.resize(rows, cols)
    assert screen.text() == text


PIECES = st.one_of(
    st.binary(max_size=8),
    st.text(max_size=8).map(str.encode),
    st.builds(
        lambda mark, numbers, final: f"\x1b[{mark}{numbers}{final}".encode(),
        st.sampled_from(["", "?", ">", "!"]),
        st.lists(st.integers(0, 30), max_size=4).map(lambda each: ";".join(map(str, each))),
        st.sampled_from("@ABCDEFGHIJKLMPSTXZ`abcdefghlmnrsu p"),
    ),
    st.sampled_from(
        [b"\x1b7", b"\x1b8", b"\x1bM", b"\x1bD", b"\x1bE", b"\x1bH", b"\x1bc", b"\x1b#8"]
    ),
    st.sampled_from(
        [b"\r\n" * 5, b"\x1b[?1049h", b"\x1b[?1049l", b"\x1b[?6h", b"\x1b[?7l", b"\x1b(0"]
    ),
    st.sampled_from(["漢字".encode(), "e\u0301\u0301".encode(), b"\t", b"\b", b"\x0e"]),
)


def picture(screen: TerminalScreen) -> object:
    lines = [screen.line(row) for row in range(screen.rows)]
    return lines, screen.cursor, [row.spans() for row in screen.history], screen.place


@given(pieces=st.lists(PIECES, max_size=40), cuts=st.lists(st.integers(0, 400), max_size=10))
def test_it_makes_no_difference_how_the_bytes_are_cut(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole, cut = TerminalScreen(5, 12), TerminalScreen(5, 12)
    whole.feed(data)
    edges = sorted({0, len(data), *(each for each in cuts if each < len(data))})
    for start, end in pairwise(edges):
        cut.feed(data[start:end])
    assert picture(cut) == picture(whole)


@given(
    pieces=st.lists(
        st.one_of(PIECES, st.tuples(st.integers(-1, 9), st.integers(-1, 14))), max_size=40
    )
)
def test_whatever_comes_stays_within_the_grid_and_is_printable(
    pieces: list[bytes | tuple[int, int]],
) -> None:
    screen = TerminalScreen(5, 12, history=7)
    for piece in pieces:
        if isinstance(piece, tuple):
            screen.resize(*piece)
        else:
            screen.feed(piece)
        assert len(screen.grid.rows) == screen.rows
        assert {len(row.texts) for row in screen.grid.rows} == {screen.cols}
        assert {len(row.styles) for row in screen.grid.rows} == {screen.cols}
        assert 0 <= screen.place.row < screen.rows
        assert 0 <= screen.place.col < screen.cols
        assert len(screen.history) <= 7
        for row in [*screen.grid.rows, *screen.history]:
            assert all(text.isprintable() for text in row.texts)
