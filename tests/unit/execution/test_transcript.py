"""Output on its way to the screen never shows a secret, however it arrives."""

from hypothesis import given
from hypothesis import strategies as st

from procedures.execution.transcript import Transcript

RAW = b"one\nDB_PASSWORD=hunter2 and s3cr3t!\n\x1b[1mlast s3cr3t!"
CLEAN = "one\nDB_PASSWORD=•••• and ••••\nlast ••••"


@given(cuts=st.lists(st.integers(0, len(RAW))).map(sorted))
def test_a_secret_cut_in_two_by_a_chunk_is_recognised(cuts: list[int]) -> None:
    transcript = Transcript(["s3cr3t!"])
    chunks = [RAW[start:end] for start, end in zip([0, *cuts], [*cuts, len(RAW)], strict=True)]
    assert "".join([*map(transcript.feed, chunks), transcript.close()]) == CLEAN


def test_whole_lines_are_shown_at_once() -> None:
    transcript = Transcript()
    assert transcript.feed(b"first\nsec") == "first\n"
    assert transcript.feed(b"ond\n") == "second\n"


def test_a_line_without_an_end_is_let_through_in_time() -> None:
    assert Transcript().feed(b"." * 10_000) == "." * 10_000
