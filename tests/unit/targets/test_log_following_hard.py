"""What a following must withstand that its first tests do not ask for."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.targets import log_following
from procedures.targets.log_following import LogFollowing
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import LogQuery
from procedures.targets.values import Holdings, Phase, Unit
from tests.scripted_target import NOW, SERVICE, ScriptedTarget, deployment, unit

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for new units, and try again, at once."""
    monkeypatch.setattr(log_following, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(log_following, "_FIRST_PAUSE_S", 0.01)


def said(stamp: str, text: str, name: str = "a") -> LogLine:
    return LogLine(f"2026-11-23T14:25:{stamp}Z", name, Severity.INFO, text)


class Lives(ScriptedTarget):
    """A target whose streams are scripted, one list of batches for each time that one is opened."""

    def __init__(self, *units: Unit) -> None:
        super().__init__(deployment(*units))
        self.streams: dict[str, list[list[Sequence[LogLine]]]] = {}
        self.opened: list[str] = []
        self.ends = True

    def now_runs(self, *units: Unit) -> None:
        self.holdings = Holdings(at=NOW, workloads=(deployment(*units),))

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        if query.previous:
            return
        self.opened.append(unit.name)
        streams = self.streams.get(unit.name, [])
        for batch in streams.pop(0) if streams else []:
            yield batch
            await asyncio.sleep(0)
        if not streams and not self.ends:
            await asyncio.Event().wait()


async def heard(
    target: ScriptedTarget, enough: Callable[[list[LogLine]], bool], *, for_s: float = PATIENCE_S
) -> list[LogLine]:
    lines: list[LogLine] = []
    following = LogFollowing(target, SERVICE, clock=SystemClock())
    try:
        async with asyncio.timeout(for_s), aclosing(following.batches()) as batches:
            async for batch in batches:
                lines += batch
                if enough(lines):
                    break
    except TimeoutError:
        pass
    return lines


def texts(lines: Sequence[LogLine]) -> list[str]:
    return [each.text for each in lines if each.unit]


async def test_a_stamp_with_more_digits_is_later_and_not_lost() -> None:
    """The API leaves zeros at the end of a time away: .51 comes after .5."""
    target = Lives(unit("a"))
    target.ends = False
    target.streams["a"] = [
        [[said("00.5", "one")]],
        [[said("00.5", "one"), said("00.51", "two"), said("01", "three")]],
    ]
    assert texts(await heard(target, lambda x: x[-1].text == "three")) == ["one", "two", "three"]


async def test_what_repeats_in_one_batch_does_not_hide_the_same_words_in_the_next() -> None:
    target = Lives(unit("a"))
    target.ends = False
    target.streams["a"] = [
        [[said("00.5", "tick")]],
        [[said("00.5", "tick")], [said("00.5", "tick")], [said("01.0", "end")]],
    ]
    assert texts(await heard(target, lambda x: x[-1].text == "end")) == ["tick", "tick", "end"]


async def test_the_past_of_many_units_is_in_the_order_of_time() -> None:
    names = [f"u{n}" for n in range(8)]
    target = Lives(*(unit(name) for name in names))
    target.ends = False
    for n, name in enumerate(names):
        lines = [said(f"{i // 100:02}.{i % 100:02}{n}", f"{i}-{n}", name) for i in range(1000)]
        target.streams[name] = [[lines[i : i + 100] for i in range(0, 1000, 100)]]
    lines = await heard(target, lambda x: len(x) >= 8000)
    stamps = [each.stamp for each in lines]
    assert stamps == sorted(stamps)


async def test_a_log_that_may_not_be_read_is_told_once() -> None:
    class Forbidden(Lives):
        async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
            self.opened.append(unit.name)
            if not self.streams:
                raise SourceError(f"viewer may not read the log of {unit.name}")
            yield ()

    target = Forbidden(unit("a"), unit("b"))
    lines = await heard(target, lambda x: len(x) >= 12, for_s=1.0)
    assert len(target.opened) > 3, "it goes on trying"
    assert len(lines) == 2, "each is told once"


async def test_of_a_unit_that_ended_it_is_told_and_nothing_is_read_again() -> None:
    ended = replace(unit("a"), phase=Phase.STOPPED, ready=None, exit_code=3)
    target = Lives(ended)
    target.streams["a"] = [[[said("00.5", "bye")]]]
    lines = await heard(target, lambda x: len(x) >= 9, for_s=0.7)
    notes = [each.text for each in lines if not each.unit]
    assert texts(lines) == ["bye"]
    assert len(notes) == 1
    assert "a ended with exit code 3" in notes[0]
    assert target.opened == ["a"]


async def test_a_unit_that_is_started_again_is_read_on() -> None:
    ended = replace(unit("a"), phase=Phase.STOPPED, ready=None, exit_code=3)
    target = Lives(ended)
    target.streams["a"] = [[[said("00.5", "bye")]]]

    def enough(lines: list[LogLine]) -> bool:
        if "waiting for it" in lines[-1].text:
            target.streams["a"] = [[[said("05.5", "hello")]]]
            target.ends = False
            target.now_runs(replace(unit("a"), restarts=1))
        return "hello" in texts(lines)

    lines = await heard(target, enough)
    assert texts(lines) == ["bye", "hello"]


async def test_what_was_written_between_a_cut_and_a_restart_is_told() -> None:
    """A pod's log begins anew with each life; the end of the last one has to be asked for."""

    class Pods(Lives):
        async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
            if query.previous:
                yield [said("00.5", "one"), said("00.9", "last words")]
            elif unit.restarts:
                yield [said("05.0", "hello")]
                await asyncio.Event().wait()
            else:
                yield [said("00.5", "one")]
                self.now_runs(replace(unit, restarts=1))

    target = Pods(unit("a"))
    lines = await heard(target, lambda x: "hello" in texts(x))
    assert texts(lines) == ["one", "last words", "hello"]


async def test_a_defect_of_a_target_ends_the_following() -> None:
    class Broken(Lives):
        async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
            yield [said("00.5", "one")]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await heard(Broken(unit("a")), lambda x: False)


async def test_a_unit_that_is_silent_keeps_nobody_waiting() -> None:
    target = Lives(unit("a"), unit("b"))
    target.ends = False
    target.streams["b"] = [[[said("00.5", "one", "b")]]]
    assert texts(await heard(target, lambda x: bool(texts(x)))) == ["one"]


async def test_nothing_is_left_running_when_the_reader_goes() -> None:
    target = Lives(unit("a"), unit("b"))
    target.ends = False
    target.streams["a"] = [[[said("00.5", "one")]]]
    await heard(target, lambda x: bool(texts(x)))
    assert asyncio.all_tasks() == {asyncio.current_task()}
