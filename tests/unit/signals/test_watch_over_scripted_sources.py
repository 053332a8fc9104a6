import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Generic, TypeVar

import pytest

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.signals.poller import Poller, pause_s
from procedures.signals.values import Disk, Health
from procedures.signals.watch import Pollers, Watch

Part = TypeVar("Part")


class _Scripted(Generic[Part]):
    """A source that answers when the test puts an answer into its queue."""

    address = "scripted"
    interval_s = 0.001
    timeout_s = 60.0

    def __init__(self, name: str) -> None:
        self.name = name
        self.answers: asyncio.Queue[Part | Exception] = asyncio.Queue()
        self.asked = asyncio.Event()
        self.open = 0
        self.most_open = 0

    async def read(self) -> Part:
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        self.asked.set()
        try:
            answer = await self.answers.get()
        finally:
            self.open -= 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Nothing to release."""


@asynccontextmanager
async def _watching(**sources: _Scripted[Any]) -> AsyncIterator[Watch]:
    changed, clock = asyncio.Event(), SystemClock()
    pollers = {
        name: Poller[Any](source, clock=clock, changed=changed.set)
        for name, source in sources.items()
    }
    watch = Watch(
        Pollers(**pollers),
        indicators=load_indicators(),
        history=None,
        changed=changed,
        clock=clock,
    )
    try:
        async with asyncio.timeout(10):
            yield watch
    finally:
        await watch.aclose()


def _slow(source: _Scripted[Any]) -> _Scripted[Any]:
    source.interval_s = 600.0
    return source


DISK = Disk(state=State.OK, total_bytes=10, free_bytes=5)


async def test_before_any_answer_everything_is_unknown() -> None:
    async with _watching(health=_Scripted[Health]("health")) as watch:
        latest = watch.latest
        assert latest.health.state is State.UNKNOWN
        assert {r.state for r in latest.readings.values()} == {State.UNKNOWN}
        assert latest.readings.keys() == load_indicators().keys()
        assert latest.disk.fault == "not configured"


async def test_what_did_not_change_is_the_same_object() -> None:
    health, disk = _slow(_Scripted[Health]("health")), _slow(_Scripted[Disk]("disk"))
    async with _watching(health=health, disk=disk) as watch:
        stream = watch.snapshots()
        disk.answers.put_nowait(DISK)
        first = await anext(stream)
        health.answers.put_nowait(Health(state=State.OK, word="healthy"))
        second = await anext(stream)
        assert second.health.word == "healthy"
        assert second.disk is first.disk
        assert second.readings is first.readings
        await stream.aclose()


async def test_a_source_that_never_answers_does_not_hold_up_another() -> None:
    stalled, disk = _Scripted[Health]("health"), _slow(_Scripted[Disk]("disk"))
    stalled.timeout_s = 0.001
    async with _watching(health=stalled, disk=disk) as watch:
        disk.answers.put_nowait(DISK)
        async for snapshot in watch.snapshots():
            if snapshot.disk == DISK and "did not answer" in snapshot.health.fault:
                break
        assert stalled.most_open == 1


async def test_an_answer_after_its_time_still_counts() -> None:
    late = _Scripted[Health]("health")
    late.timeout_s = 0.001
    async with _watching(health=late) as watch:
        async for snapshot in watch.snapshots():
            if "did not answer" in snapshot.health.fault:
                late.answers.put_nowait(Health(state=State.OK, word="healthy"))
            if snapshot.health.word.endswith("healthy"):  # it may be old again when it is shown
                break
        assert late.most_open == 1


async def test_a_failure_is_said_and_the_next_answer_clears_it() -> None:
    source = _slow(_Scripted[Health]("health"))
    source.answers.put_nowait(SourceError("it broke", fix="Mend it"))
    async with _watching(health=source) as watch:
        async for snapshot in watch.snapshots():
            if snapshot.health.fault == "it broke. Mend it":
                source.answers.put_nowait(Health(state=State.OK, word="healthy"))
                watch.refresh_now()
            if snapshot.health.state is State.OK:
                assert snapshot.sources[0].fault == ""
                break


async def test_a_defect_ends_the_watch_instead_of_freezing_a_part_of_it() -> None:
    source = _Scripted[Health]("health")
    source.answers.put_nowait(ZeroDivisionError())
    async with _watching(health=source) as watch:
        with pytest.raises(ZeroDivisionError):
            await anext(watch.snapshots())


async def test_refresh_now_asks_without_waiting_for_the_interval() -> None:
    source = _slow(_Scripted[Health]("health"))
    async with _watching(health=source) as watch:
        stream = watch.snapshots()
        source.answers.put_nowait(Health(state=State.OK, word="healthy"))
        await anext(stream)
        source.answers.put_nowait(Health(state=State.WARNING, word="degraded"))
        watch.refresh_now()
        async for snapshot in stream:
            if snapshot.health.word == "degraded":
                break
        await stream.aclose()


async def test_without_a_source_of_metrics_there_is_no_range() -> None:
    async with _watching() as watch:
        with pytest.raises(SourceError, match="no source of metrics"):
            await watch.range("cpu", 3600)


async def test_closing_ends_the_open_question() -> None:
    source = _Scripted[Health]("health")
    async with _watching(health=source) as watch:
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await anext(watch.snapshots())
        await watch.aclose()
        assert source.open == 0


def test_a_failing_source_is_asked_less_and_less_often_but_every_minute() -> None:
    assert [pause_s(5, failures) for failures in (0, 1, 2, 3, 4, 5, 50)] == [
        5, 5, 10, 20, 40, 60, 60,
    ]  # fmt: skip
    assert pause_s(120, 9) == 120


async def test_a_round_leaves_out_those_whose_interval_has_not_passed() -> None:
    health, disk = _slow(_Scripted[Health]("health")), _Scripted[Disk]("disk")
    disk.interval_s = 0.0
    async with _watching(health=health, disk=disk) as watch:
        for _ in range(3):
            disk.answers.put_nowait(DISK)
            health.answers.put_nowait(Health(state=State.OK, word="healthy"))
            await watch.look(patience_s=5, only_due=True)
        assert (health.answers.qsize(), disk.answers.qsize()) == (2, 0)
        assert watch.latest.health.state is State.OK


async def test_a_look_that_is_given_up_leaves_its_question_for_the_next() -> None:
    health = _Scripted[Health]("health")
    async with _watching(health=health) as watch:
        looking = asyncio.create_task(watch.look(patience_s=60))
        await health.asked.wait()
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        again = asyncio.create_task(watch.look(patience_s=60))
        await asyncio.sleep(0)
        health.answers.put_nowait(Health(state=State.OK, word="healthy"))
        assert (await again).health.word.endswith("healthy")
        assert health.most_open == 1
