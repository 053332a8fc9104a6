"""The bytes of a log become lines, however they are cut into chunks."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.targets.kubernetes.logs import LogCutter, parameters_of
from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity
from procedures.targets.target import LogQuery

STAMP = "2026-11-23T10:04:36.727901287Z"
TEXTS = (
    "INFO started",
    "",
    "ERROR  pool exhausted",
    "grün → ✓ 漢字",
    "\x1b[31mred\x1b[0m",
    "with\rreturn",
)


def cut(data: bytes, *sizes: int, since: datetime | None = None) -> list[LogLine]:
    cutter = LogCutter("app-1", since)
    found: list[LogLine] = []
    for size in sizes:
        found += cutter.feed(data[:size])
        data = data[size:]
    return [*found, *cutter.feed(data), *cutter.close()]


def logged(*texts: str) -> bytes:
    return "".join(f"{STAMP} {text}\n" for text in texts).encode()


@given(st.lists(st.integers(0, 60), max_size=20))
def test_lines_are_the_same_however_they_come(sizes: list[int]) -> None:
    lines = cut(logged(*TEXTS), *sizes)
    assert [line.text for line in lines] == list(TEXTS)
    assert {line.stamp for line in lines} == {STAMP}
    assert {line.unit for line in lines} == {"app-1"}
    assert [line.severity for line in lines[:3]] == [
        Severity.INFO,
        Severity.UNKNOWN,
        Severity.ERROR,
    ]


def test_a_line_without_its_end_is_given_at_the_end() -> None:
    assert [line.text for line in cut(logged("a") + f"{STAMP} b".encode())] == ["a", "b"]


@given(st.lists(st.integers(1, 40_000), max_size=30))
def test_half_a_megabyte_without_a_newline_streams_in_pieces(sizes: list[int]) -> None:
    text = "ERROR " + "é漢x" * 83_000
    cutter = LogCutter("app-1")
    data, found = logged(text, "after"), list[LogLine]()
    for size in sizes:
        found += cutter.feed(data[:size])
        data = data[size:]
        assert len(cutter._rest) <= LONGEST_LINE, "it must not be held whole"
    found += cutter.feed(data)
    assert "".join(line.text for line in found[:-1]) == text
    assert found[-1].text == "after"
    assert {line.stamp for line in found} == {STAMP}
    assert max(len(line.text) for line in found) <= LONGEST_LINE


def test_only_lines_of_that_time_or_later_are_given() -> None:
    times = ("10:04:36Z", "10:04:36.5Z", "10:04:36.500000001Z", "10:04:37Z", "10:04:35Z")
    data = "".join(f"2026-11-23T{time} {time}\n" for time in times).encode()
    since = datetime(2026, 11, 23, 10, 4, 36, 500_000, UTC)
    # The last one is late in coming, not early in the log.
    assert [line.text for line in cut(data, since=since)] == list(times[1:])


def test_times_of_another_zone_become_utc() -> None:
    (line,) = cut(b"2026-11-23T12:04:36.250000000+02:00 text\n")
    assert (line.stamp, line.text) == ("2026-11-23T10:04:36.250000Z", "text")


@pytest.mark.parametrize("text", ["no time at all", "unable to retrieve container logs", "é"])
def test_a_line_without_a_time_is_whole(text: str) -> None:
    (line,) = cut(f"{text}\n".encode())
    assert (line.stamp, line.text) == ("", text)


def test_bytes_that_are_no_text_are_replaced() -> None:
    (line,) = cut(f"{STAMP} a".encode() + b"\xff\xfe\n")
    assert line.text == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


def test_a_query_is_asked_in_the_words_of_the_api() -> None:
    since = datetime(2026, 11, 23, 10, 4, 36, 500_000, UTC)
    assert parameters_of(LogQuery(since=since, tail=10, follow=True, previous=True), "app") == [
        ("container", "app"),
        ("timestamps", "true"),
        ("sinceTime", "2026-11-23T10:04:36Z"),
        ("tailLines", "10"),
        ("follow", "true"),
        ("previous", "true"),
    ]
    assert parameters_of(LogQuery(tail=None), "app") == [
        ("container", "app"),
        ("timestamps", "true"),
    ]
