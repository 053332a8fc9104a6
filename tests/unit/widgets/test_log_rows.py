"""A line that is broken into rows loses nothing and is nowhere too wide."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from procedures.targets.log_lines import LogLine, Severity
from widgets.log_rows import body_of, head_of, rows_of, text_of

letters = st.text(alphabet=st.sampled_from("ab 漢e\u0301\U0001f600[]\\-\x1b[31m\t"), max_size=300)


def line_of(text: str) -> LogLine:
    return LogLine("2026-11-23T14:25:00.5Z", "a", Severity.INFO, text)


@given(text=letters, width=st.integers(24, 60), needle=st.sampled_from(["", "a", "漢", "b "]))
def test_the_rows_hold_the_whole_line_and_fit(text: str, width: int, needle: str) -> None:
    line = line_of(text)
    head = head_of(line, "", 0, date=False)
    indent = sum(cell_len(part) for part, _ in head)
    pattern = re.compile(re.escape(needle)) if needle else None
    rows = rows_of(head, body_of(line, pattern), width)
    assert all(sum(cell_len(part) for part, _ in row) <= width for row in rows)
    # A further row begins with one span of blanks, the first one with the whole head.
    told = "".join(part for part, _ in rows[0][len(head) :])
    told += "".join(part for row in rows[1:] for part, _ in row[1:])
    assert told == text_of(line)
    assert all(row[0][0] == " " * indent for row in rows[1:])


@given(text=letters, start=st.integers(0, 40))
def test_what_is_in_view_is_the_same_as_of_the_whole_line(text: str, start: int) -> None:
    line = line_of(text)
    whole = "".join(part for part, _ in body_of(line, None, start=start))
    part = "".join(part for part, _ in body_of(line, None, start=start, most=30))
    assert whole[:29].startswith(part[:29])


def test_colours_take_nothing_from_what_is_said() -> None:
    coloured = line_of("\x1b[32mINFO\x1b[0m " * 50)
    assert text_of(coloured, most=40)[:40] == ("INFO " * 50)[:40]


def test_leaving_colours_out_makes_no_sequence_of_what_was_none() -> None:
    assert "\x1b" not in text_of(line_of("\x1b\x1b[m[31mred"))
