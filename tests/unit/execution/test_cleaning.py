"""Nothing in foreign text steers the terminal, and none of it is lost by the way it arrives."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procedures.execution.cleaning import MOST_MARKS, Cleaner, clean_line

NASTY = st.lists(
    st.sampled_from(
        [b"\x1b[31m", b"\x1b]0;title\x07", b"\x1b]8;;http://x\x1b\\", b"\x1bP1$q\x1b\\", b"\x1b",
         b"\x1b[", b"\x1b[?25", b"\x1b(B", b"\x9b1m", b"\xc2\x9b1m", b"\xc2\x9d", b"\xc2\x9c",
         b"\r", b"\r\n", b"\n", b"\t", b"\x07", b"\x08", b"\x7f", b"\xe2\x80\xae", b"\xe2\x81\xa6",
         "⚓ ünïcode".encode(), "e\u0301\u0301".encode(), "\ufe0f".encode(), "\U000e0041".encode(),
         b"\xed\xa0\x80", b"\xc0\xaf", b"\x1b]52;c;aGk=\x07",
         "\u200b\u200d".encode(), b"\xff\xfe", b"\xf0\x9f", b"text", b"[0m", b"\xe2\x80\xa8"]
    )
    | st.binary(max_size=6),
    max_size=20,
).map(b"".join)  # fmt: skip


def cleaned(*chunks: bytes) -> str:
    cleaner = Cleaner()
    return "".join([*map(cleaner.feed, chunks), cleaner.close()])


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\x1b[1;31mERROR\x1b[0m done", "ERROR done"),
        (b"\x1b]0;owned\x07title", "title"),
        (b"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bP+q544e\x1b\\after", "after"),
        (b"\x1b]0;never ends\nnext line", "\nnext line"),
        (b"\x1b(Bascii \x1b7saved\x1b8", "ascii saved"),
        (b"\x1b[31\nstill here", "\nstill here"),
        (b"50%\r100%\r\ndone\n", "50%\n100%\ndone\n"),
        (b"a\x00b\x08c\x07d\x7fe\tf", "abcde\tf"),
        ("\u009b31mC1\u009dtitle\u009c.".encode(), "C1."),
        ("user\u202egnp.exe".encode(), "user�gnp.exe"),
        ("a\u2028b".encode(), "a\nb"),
        (b"caf\xc3\xa9 \xff", "café �"),
        (b"\x1b]52;c;cm0gLXJmIC8=\x07copied", "copied"),
        ("\u009d52;c;cm0=\u009cC1 too".encode(), "C1 too"),
        (b"\x1bX start \x1b\\of \x1b^privacy\x1b\\string \x1b_app\x1b\\", "of string "),
        (b"\x1b]8;;http://x never closed\r\nshown", "\nshown"),
        (b"\x1b[2J\x1b[H\x1b[?1049h\x1bcwiped", "wiped"),
        (b"N\x08NA\x08A", "NNAA"),
        (b"\xc0\xafetc \xe0\x80\xaf", "��etc ���"),
        (b"\xed\xa0\x80lone", "���lone"),
        ("pr\u200bod \u2060x\u3164".encode(), "pr�od �x�"),
        ("\ufeffbyte order".encode(), "byte order"),
        ("a\U000e0072\U000e006d\U000e007fb".encode(), "a���b"),
        ("soft\u00adhy\u200dphen".encode(), "softhyphen"),
        (("z" + "\u0351" * 500 + "!").encode(), "z" + "\u0351" * MOST_MARKS + "!"),
        (("v" + "\ufe0f\U000e0101" * 99).encode(), "v" + "\ufe0f\U000e0101" * (MOST_MARKS // 2)),
        ("Việt Nam, 🏳️ ñ".encode(), "Việt Nam, 🏳️ ñ"),
    ],
)
def test_only_text_newlines_and_tabs_remain(raw: bytes, expected: str) -> None:
    assert cleaned(raw) == expected


@given(raw=NASTY, data=st.data())
@example(raw=b"a\r\x1b[0m\nb", data=None)
def test_the_text_does_not_depend_on_how_the_stream_was_cut(
    raw: bytes, data: st.DataObject | None
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw))))) if data else range(len(raw))
    chunks = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert cleaned(*chunks) == cleaned(raw)


@given(raw=NASTY)
def test_no_control_character_ever_survives(raw: bytes) -> None:
    text = cleaned(raw)
    assert all(c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"} for c in text)
    assert not any(
        c in "\u200b\u200d\u2060\ufeff" or "\U000e0000" <= c < "\U000e0080" for c in text
    )
    assert not any(
        unicodedata.bidirectional(c) in {"RLO", "LRO", "RLI", "LRI", "PDF"} for c in text
    )


@given(
    text=st.text(st.sampled_from("ab\u0301\u0302\ufe0f\U000e0101\u20dd")), size=st.integers(1, 9)
)
def test_no_character_carries_more_marks_than_a_script_needs(text: str, size: int) -> None:
    raw = text.encode()
    shown = cleaned(*(raw[i : i + size] for i in range(0, len(raw), size)))
    assert shown == re.sub("([^ab]{6})[^ab]+", r"\1", text)


USUAL = st.characters(
    exclude_categories=["C", "Z", "M"], exclude_characters="\u115f\u1160\u3164\uffa0"
)


@given(lines=st.lists(st.text(USUAL)))
def test_plain_text_passes_unchanged(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert cleaned(text.encode()) == text


@given(text=st.text(st.characters(exclude_categories=[])), limit=st.integers(2, 50))
def test_a_label_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = clean_line(text, limit=limit)
    assert len(line) <= limit
    line.encode()  # no lone surrogate is left
    assert not any(unicodedata.category(c) == "Cc" for c in line)


def test_a_label_shows_its_newlines_and_that_it_was_cut() -> None:
    assert clean_line("first\nsecond\tthird\n") == "first⏎second third"
    assert clean_line("x" * 100_000, limit=10) == "xxxxxxxxx…"
    assert clean_line("\x1b[31m" * 100_000, limit=10).endswith("…")
