"""Log files are read from their end, and followed whatever becomes of them."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from procedures.sandbox.doors.log_file import batches
from procedures.sandbox.doors.log_lines import LONGEST, Line, LogWish, Stamper, stamp_of

PATIENCE_S = 10.0


async def read(path: Path, **wish: object) -> list[bytes]:
    found = batches(path, LogWish(**wish), lambda: False)  # type: ignore[arg-type]
    return [line.text async for batch in found for line in batch]


def numbered(count: int) -> str:
    return "".join(f"2026-01-05T09:12:{n % 60:02d}.000Z INFO {n}\n" for n in range(count))


@pytest.mark.parametrize("tail", [0, 1, 3, 10, 100])
async def test_so_many_lines_of_the_end_are_read(tmp_path: Path, tail: int) -> None:
    path = tmp_path / "a.log"
    path.write_text(numbered(10))
    lines = await read(path, tail=tail)
    assert len(lines) == min(tail, 10)
    assert not lines or lines[-1].endswith(b" INFO 9\n")


async def test_the_end_of_a_large_file_is_found_without_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(numbered(20_000))
    lines = await read(path, tail=12_000)
    assert len(lines) == 12_000
    assert lines[0].endswith(b" INFO 8000\n")


async def test_a_file_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    assert not await read(tmp_path / "a.log")


async def test_a_long_line_counts_as_one_and_comes_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(f"before\n{'x' * 500_000}\n")
    lines = await read(path, tail=1)
    assert len(lines) > 1
    assert max(map(len, lines)) <= LONGEST
    assert b"".join(lines) == b"x" * 500_000 + b"\n"


async def test_what_is_outside_the_bounds_of_time_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text(numbered(10))
    second = 1_767_604_320.0  # the minute of the lines
    lines = await read(path, since=second + 3, until=second + 5)
    assert [line[-2:-1] for line in lines] == [b"3", b"4", b"5"]


async def test_a_followed_file_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("old\n")
    async with (
        asyncio.timeout(PATIENCE_S),
        aclosing(batches(path, LogWish(follow=True), lambda: True)) as followed,
    ):
        assert [line.text for line in await anext(followed)] == [b"old\n"]
        path.replace(tmp_path / "a.log.1")
        path.write_text("new\n")
        assert [line.text for line in await anext(followed)] == [b"new\n"]


async def test_following_ends_with_the_container_and_after_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("one\n")
    lives = iter([True, False])
    async with asyncio.timeout(PATIENCE_S):
        found = batches(path, LogWish(follow=True), lambda: next(lives, False))
        assert [line.text async for batch in found for line in batch] == [b"one\n"]


def test_a_line_without_a_time_has_that_of_the_line_before_and_none_goes_back() -> None:
    stamper = Stamper(0.0)
    texts = [b"2026-01-05T09:12:44.102Z a", b"  b", b"2026-01-05T09:12:43.000Z c"]
    stamps = {line.stamp for line in stamper.stamped(texts)}
    assert stamps == {b"2026-01-05T09:12:44.102000000Z"}
    assert list(Stamper(0.0).stamped([b"x"])) == [Line(stamp_of(0.0), b"x")]
