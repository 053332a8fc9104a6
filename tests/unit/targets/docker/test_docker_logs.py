"""Recorded streams of the engine, cut wherever a network may cut them, give the same lines."""

import struct
from datetime import UTC, datetime

import pytest

from procedures.targets.docker.logs import FrameCutter, RawCutter, parameters_of, unix_time
from procedures.targets.docker.programs import MOST_BYTES, Said
from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity
from procedures.targets.target import LogQuery

STAMP = "2026-11-28T15:41:50.621389388Z"


def frame(content: bytes, stream: int = 1) -> bytes:
    return struct.pack(">BxxxI", stream, len(content)) + content


def stamped(text: str, stream: int = 1) -> bytes:
    return frame(f"{STAMP} {text}".encode(), stream)


def cut(data: bytes, size: int) -> list[LogLine]:
    cutter = FrameCutter("api_1")
    return [line for at in range(0, len(data), size) for line in cutter.feed(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 7, 8, 9, 50, 10_000])
def test_lines_are_the_same_however_the_stream_is_cut(size: int) -> None:
    data = stamped("ERROR hello\n") + stamped("über\x1b[31m\n", 2) + stamped("\n")
    assert cut(data, size) == [
        LogLine(STAMP, "api_1", Severity.ERROR, "ERROR hello"),
        LogLine(STAMP, "api_1", Severity.UNKNOWN, "über\x1b[31m"),
        LogLine(STAMP, "api_1", Severity.UNKNOWN, ""),
    ]


def test_a_long_line_comes_in_pieces_and_no_character_is_torn() -> None:
    text = "ERROR " + "ä" * 16_384
    content = text.encode()
    data = b"".join(
        frame(STAMP.encode() + b" " + content[at : at + 16_383])
        for at in range(0, len(content), 16_383)
    )
    lines = cut(data + stamped("\n"), 4096)
    assert "".join(line.text for line in lines) == text
    assert all(len(line.text) <= LONGEST_LINE for line in lines)
    assert {line.severity for line in lines} == {Severity.ERROR}


def test_pieces_of_one_stream_are_not_joined_with_another() -> None:
    data = stamped("one ") + stamped("ERROR other\n", 2) + stamped("end\n")
    lines = cut(data, 10_000)
    assert [line.text for line in lines] == ["one ", "ERROR other", "end"]
    assert lines[2].severity is Severity.UNKNOWN


def test_a_terminal_is_not_framed_and_its_lines_end_like_a_typewriters() -> None:
    cutter = RawCutter("api_1")
    lines = [*cutter.feed(f"{STAMP} INFO one\r\n{STAMP} tw".encode()), *cutter.feed(b"o")]
    lines += cutter.close()
    assert [line.text for line in lines] == ["INFO one", "two"]
    assert {line.stamp for line in lines} == {STAMP}


def test_a_terminal_that_ends_no_line_is_not_held_whole() -> None:
    cutter = RawCutter("api_1")
    lines = [line for _ in range(100) for line in cutter.feed(b"x" * 5_000)]
    lines += cutter.close()
    assert sum(len(line.text) for line in lines) == 500_000
    assert max(len(line.text) for line in lines) <= LONGEST_LINE


def test_a_query_is_asked_in_the_engines_words() -> None:
    since = datetime(2026, 11, 28, 15, 0, 0, 250_000, tzinfo=UTC)
    asked = parameters_of(LogQuery(since=since, tail=10, follow=True))
    assert asked["tail"] == "10"
    assert asked["since"].endswith(".250000000")
    assert asked["follow"] == "1"
    assert parameters_of(LogQuery(tail=None))["tail"] == "all"


def test_the_life_before_ends_where_the_present_one_begins() -> None:
    asked = parameters_of(LogQuery(tail=5, previous=True, follow=True), until=STAMP)
    assert asked["until"] == unix_time(STAMP)
    assert asked["until"].endswith(".621389388")
    assert asked["tail"] == "all"
    assert "follow" not in asked


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_what_a_program_says_is_told_apart(size: int) -> None:
    said = Said()
    data = frame(b"out ") + frame(b"complaint", 2) + frame(b"put")
    for at in range(0, len(data), size):
        said.feed(data[at : at + size])
    assert (said.text(1), said.text(2)) == ("out put", "complaint")


def test_what_a_program_says_is_bounded() -> None:
    said = Said()
    for _ in range(20):
        said.feed(frame(b"x" * 100_000))
    said.feed(frame(b"why", 2))
    assert len(said.text(1)) == MOST_BYTES
    assert said.text(2) == "why"
