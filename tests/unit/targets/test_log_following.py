"""One stream of lines, whatever becomes of the units: nothing lost, nothing told twice."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.targets import log_following
from procedures.targets.log_following import LogFollowing
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import LogQuery
from procedures.targets.values import Holdings, Unit
from tests.scripted_target import NOW, SERVICE, ScriptedTarget, deployment, unit

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for new units, and try again, at once."""
    monkeypatch.setattr(log_following, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(log_following, "_FIRST_PAUSE_S", 0.01)


def line(second: int, text: str, name: str = "a", part: int = 0) -> LogLine:
    return LogLine(f"2026-11-23T14:25:{second:02}.{part:03}Z", name, Severity.INFO, text)


class Written(ScriptedTarget):
    """A target whose units keep all that they wrote, and whose streams can be cut."""

    def __init__(self, *names: str) -> None:
        super().__init__(deployment(*(unit(name) for name in names)))
        self.kept: dict[str, list[LogLine]] = {name: [] for name in names}
        self.cut = asyncio.Event()
        self.queries: list[LogQuery] = []

    def units(self, *names: str) -> None:
        self.holdings = Holdings(at=NOW, workloads=(deployment(*(unit(name) for name in names)),))

    async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        self.queries.append(query)
        if self.fault is not None:
            raise self.fault
        since = query.since.isoformat().replace("+00:00", "Z")[:19] if query.since else ""
        told = 0
        cut = self.cut
        while not cut.is_set():
            lines = [x for x in self.kept[unit.name] if x.stamp[:19] >= since]
            if told < len(lines):
                new, told = lines[told:], len(lines)
                yield new
            await asyncio.sleep(0.005)


async def heard(target: ScriptedTarget, until: str, act: object = None) -> list[LogLine]:
    """Return every line up to one that says ``until``."""
    following = LogFollowing(target, SERVICE, clock=SystemClock())
    lines: list[LogLine] = []
    async with asyncio.timeout(PATIENCE_S), aclosing(following.batches()) as batches:
        async for batch in batches:
            lines += batch
            if callable(act):
                act(lines)
            if any(until in each.text for each in batch):
                return lines
    raise AssertionError("the following ended")


async def test_old_lines_of_several_units_are_in_the_order_of_time() -> None:
    target = Written("a", "b")
    target.kept = {"a": [line(1, "one"), line(3, "three")], "b": [line(2, "two", "b")]}
    lines = await heard(target, "three")
    assert [each.text for each in lines] == ["one", "two", "three"]


async def test_a_unit_that_comes_later_is_among_them() -> None:
    target = Written("a")
    target.kept = {"a": [line(1, "one")], "b": [line(2, "two", "b")]}

    def act(lines: list[LogLine]) -> None:
        target.units("a", "b")

    assert [each.text for each in await heard(target, "two", act)] == ["one", "two"]


async def test_a_stream_that_was_cut_goes_on_and_repeats_nothing() -> None:
    target = Written("a")
    same = [line(2, "same"), line(2, "same"), line(2, "other")]
    target.kept["a"] = [line(1, "one"), *same]

    def act(lines: list[LogLine]) -> None:
        if not target.cut.is_set():
            target.kept["a"] += [line(2, "same"), line(2, "late", part=0), line(3, "end")]
            before, target.cut = target.cut, asyncio.Event()
            before.set()
            target.cut = asyncio.Event()

    lines = await heard(target, "end", act)
    assert [each.text for each in lines] == ["one", "same", "same", "other", "same", "late", "end"]
    assert target.queries[-1].since is not None


async def test_a_fault_is_told_once_and_the_log_comes_back() -> None:
    target = Written("a")
    target.kept["a"] = [line(1, "one")]
    target.fault = SourceError("the engine does not answer", fix="Start it")

    def act(lines: list[LogLine]) -> None:
        target.fault = None

    lines = await heard(target, "one", act)
    assert [(each.unit, each.text) for each in lines] == [
        ("", "— the engine does not answer. Start it —"),
        ("a", "one"),
    ]


async def test_whoever_reads_slowly_slows_down_the_source() -> None:
    class Endless(ScriptedTarget):
        produced = 0

        async def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
            while True:
                self.produced += 1
                yield [line(1, str(self.produced), part=self.produced % 1000)] * 500

    target = Endless(deployment(unit("a")))
    following = LogFollowing(target, SERVICE, clock=SystemClock())
    async with asyncio.timeout(PATIENCE_S), aclosing(following.batches()) as batches:
        taken = 0
        async for batch in batches:
            taken += len(batch)
            for _ in range(200):
                await asyncio.sleep(0)
            if taken >= 50_000:
                break
        assert target.produced * 500 - taken < 20_000, "what nobody takes must not pile up"


async def test_only_the_unit_that_was_chosen_is_followed() -> None:
    target = Written("a", "b")
    target.kept = {"a": [line(1, "one"), line(3, "end")], "b": [line(2, "two", "b")]}
    following = LogFollowing(target, SERVICE, unit="a", clock=SystemClock())
    async with asyncio.timeout(PATIENCE_S), aclosing(following.batches()) as batches:
        async for batch in batches:
            assert {each.unit for each in batch} == {"a"}
            if batch[-1].text == "end":
                break
