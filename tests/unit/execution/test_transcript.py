"""Output on its way to the screen never shows a secret, however it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_benchmark.fixture import BenchmarkFixture

from procedures.execution.command.transcript import Transcript

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
    assert Transcript().feed(b"." * 200_000).startswith("." * 64_000)


def test_a_secret_with_a_colour_in_it_is_recognised() -> None:
    transcript = Transcript(["s3cr3t!"])
    assert transcript.feed(b"it is s3\x1b[1mcr3t!\x1b[m\n") == "it is ••••\n"


@pytest.mark.benchmark_only
@pytest.mark.parametrize(
    "line",
    [b"INFO request id=12345 took 12 ms on node-3\n", b"\x1b[32mINFO\x1b[0m token=abcdef123 ok\n"],
    ids=["plain", "coloured"],
)
def test_how_long_a_chunk_holds_up_the_console(benchmark: BenchmarkFixture, line: bytes) -> None:
    chunk = (line * 1000)[: 16 * 1024]
    benchmark(Transcript(["s3cr3t-value"]).feed, chunk)
