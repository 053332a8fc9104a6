"""News of a namespace go on through all that a watch may meet."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.targets.changes import ChangeKind
from procedures.targets.kubernetes import news
from tests.control_plane import ControlPlane
from tests.integration.targets.kubernetes_stand import (
    IMAGE,
    SERVICE,
    KubernetesStand,
    grace,
    heard,
    rolled,
    run_out_of_memory,
)

pytestmark = pytest.mark.kubernetes


async def test_a_unit_that_wanted_memory_is_told_in_one_way_only(stand: KubernetesStand) -> None:
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        name = await run_out_of_memory(stand)
        change = await hearing
        assert change.subject == name
        assert change.text.endswith("ended with exit code 137: OOMKilled")
        past = await stand.target.changes(change.at)
        assert change in past, "past and news tell it in the same words"


async def test_a_release_tells_its_images_and_its_cause(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    begun = SystemClock().now() - timedelta(seconds=1)
    control_plane.kubectl(
        *("-n", stand.room, "set", "image", f"deployment/{SERVICE}", f"{SERVICE}={IMAGE}-new")
    )
    note = ("annotate", f"deployment/{SERVICE}", "kubernetes.io/change-cause=release 1.5")
    control_plane.kubectl("-n", stand.room, *note)
    rolled(control_plane, stand.room)
    changes = await stand.target.changes(begun)
    assert [each.text for each in changes if each.kind is ChangeKind.IMAGE] == [
        f"{SERVICE}: {IMAGE} → {IMAGE}-new"
    ]
    rollouts = [each for each in changes if each.kind is ChangeKind.ROLLOUT]
    assert any("release 1.5" in each.text for each in rollouts)


async def test_a_watch_whose_time_is_over_goes_on(
    stand: KubernetesStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "WATCH_S", 1)
    begun = SystemClock().now()
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        async with asyncio.timeout(20):
            while (SystemClock().now() - begun).total_seconds() < 2.5:
                await asyncio.wait([hearing], timeout=0.1)
        name = await run_out_of_memory(stand)
        assert (await hearing).subject == name


async def test_news_end_with_the_server_and_begin_with_it_again(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        await run_out_of_memory(stand)
        await hearing
        hearing = asyncio.create_task(heard(told, ChangeKind.BACKUP))
        await asyncio.to_thread(control_plane.api.stop)
        try:
            with pytest.raises(SourceError, match="cannot be reached: Connect"):
                await hearing
        finally:
            await asyncio.to_thread(control_plane.api.start)
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        name = await run_out_of_memory(stand)
        assert (await hearing).subject == name


async def test_who_may_not_watch_events_hears_of_pods(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    target = grace(control_plane, stand.room, "list,watch", "pods")
    async with aclosing(target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        name = await run_out_of_memory(stand)
        assert (await hearing).subject == name
    await target.aclose()


async def test_who_closes_the_news_leaves_no_task_behind(stand: KubernetesStand) -> None:
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        await run_out_of_memory(stand)
        await hearing
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert "watch of a namespace" not in names
