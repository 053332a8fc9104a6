"""The watch over targets: what is shown is the present, or is said not to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime, timedelta

import pytest

from procedures.errors import SourceError
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.seen import Deployments
from procedures.targets.values import Holdings
from procedures.targets.watching import TargetWatch
from tests.scripted_target import NOW, ScriptedTarget, deployment, unit

PATIENCE_S = 10.0


class SetClock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def change(text: str, at: datetime = NOW) -> Change:
    return Change(at=at, kind=ChangeKind.RESTART, subject="pod-1", text=text, source="cluster")


@pytest.fixture
def target() -> ScriptedTarget:
    return ScriptedTarget(deployment(unit("pod-1")))


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def watch(target: ScriptedTarget, clock: SetClock) -> AsyncIterator[TargetWatch]:
    watch = TargetWatch([target], clock=clock, interval_s=0.01)
    yield watch
    await watch.aclose()
    assert target.closed


async def seen(watch: TargetWatch, holds: object) -> Deployments:
    assert callable(holds)
    async with asyncio.timeout(PATIENCE_S), aclosing(watch.pictures()) as pictures:
        async for picture in pictures:
            if holds(picture):
                return picture
    raise AssertionError("the pictures ended")


async def test_before_the_first_answer_nothing_is_known(watch: TargetWatch) -> None:
    (first,) = watch.latest.seen
    assert first.holdings is None
    assert first.doubt == "waiting for the first answer"


async def test_what_runs_is_shown_with_where_it_is(watch: TargetWatch) -> None:
    picture = await seen(watch, lambda p: p.seen[0].holdings is not None)
    assert picture.seen[0].place.where == "context prod · namespace llm-config"
    assert not picture.seen[0].doubt


async def test_an_answer_that_grows_old_is_doubted_and_kept(
    watch: TargetWatch, target: ScriptedTarget, clock: SetClock
) -> None:
    await seen(watch, lambda p: p.seen[0].holdings is not None)
    target.fault = SourceError("the API server does not answer", fix="Look at it")
    await seen(watch, lambda p: p.seen[0].fault)
    clock.at += timedelta(minutes=1)
    (old,) = watch.latest.seen
    assert old.holdings is not None
    assert "no fresh data since 14:25:00 UTC" in old.doubt
    assert "Look at it" in old.fault


async def test_it_recovers_by_itself(watch: TargetWatch, target: ScriptedTarget) -> None:
    target.fault = SourceError("refused")
    await seen(watch, lambda p: "refused" in p.seen[0].fault)
    target.fault = None
    await seen(watch, lambda p: p.seen[0].holdings is not None and not p.seen[0].doubt)


async def test_what_happened_and_what_happens_is_told_once(
    watch: TargetWatch, target: ScriptedTarget
) -> None:
    before = change("exit 1", NOW - timedelta(minutes=3))
    target.past = [before, change("long ago", NOW - timedelta(days=3))]
    await seen(watch, lambda p: p.changes == (before,))
    now = change("exit 137")
    target.happen(before)
    target.happen(now)
    await seen(watch, lambda p: p.changes == (now, before))


async def test_something_that_happens_is_looked_at_at_once(
    target: ScriptedTarget, clock: SetClock
) -> None:
    watch = TargetWatch([target], clock=clock, interval_s=3600)
    try:
        await seen(watch, lambda p: p.seen[0].holdings is not None)
        target.holdings = Holdings(at=NOW, workloads=(deployment(unit("pod-2")),))
        target.happen(change("started"))
        await seen(watch, lambda p: p.seen[0].holdings is target.holdings)
    finally:
        await watch.aclose()
