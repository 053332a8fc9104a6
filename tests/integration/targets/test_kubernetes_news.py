"""News of a namespace go on through all that a watch may meet."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import pytest

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.kubernetes import news
from procedures.targets.kubernetes.asking import Parameters
from procedures.targets.kubernetes.connection import Connection
from procedures.targets.kubernetes.ends import ends_of
from procedures.targets.kubernetes.fields import Json
from procedures.targets.kubernetes.looking import PODS
from tests.control_plane import ControlPlane
from tests.integration.targets.kubernetes_stand import (
    IMAGE,
    SERVICE,
    KubernetesStand,
    apply,
    deployment,
    grace,
    rolled,
    target_at,
    variables_of,
)
from tests.kubelet_api import KubeletApi
from tests.played_pods import OUT_OF_MEMORY

pytestmark = pytest.mark.kubernetes


@pytest.fixture(scope="module")
def room(control_plane: ControlPlane) -> Iterator[str]:
    room = control_plane.namespace()
    apply(control_plane, room, deployment())
    rolled(control_plane, room)
    yield room
    control_plane.kubectl("delete", "namespace", room, "--wait=false")


@pytest.fixture
async def stand(
    control_plane: ControlPlane, kubelet_api: KubeletApi, room: str
) -> AsyncIterator[KubernetesStand]:
    stand = KubernetesStand(control_plane, kubelet_api, room)
    yield stand
    await stand.target.aclose()


async def heard(changes: AsyncGenerator[Change, None], kind: ChangeKind) -> Change:
    """Return the first of a kind; nobody waits for it for ever."""
    async with asyncio.timeout(30):
        async for change in changes:
            if change.kind is kind:
                return change
    raise AssertionError("the news ended")


async def crash(stand: KubernetesStand) -> str:
    """Let a unit of the service end for want of memory, and return its name."""
    name = (await stand.units())[0].name
    await asyncio.to_thread(stand.plane.kubelet.crash, stand.room, name, OUT_OF_MEMORY)
    return name


async def test_a_unit_that_wanted_memory_is_told_in_one_way_only(stand: KubernetesStand) -> None:
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        name = await crash(stand)
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


class Outdated(Connection):
    """Tells its first list as it was when it was read long ago."""

    first: tuple[list[Json], str] | None = None

    async def every(
        self, path: str, parameters: Parameters = (), *, time_limit_s: float | None = None
    ) -> tuple[list[Json], str]:
        first, self.first = self.first, None
        return first or await super().every(path, parameters, time_limit_s=time_limit_s)


def of_pod(pod: Json) -> Sequence[Change]:
    return ends_of(pod, "cluster")


async def test_a_watch_whose_place_is_forgotten_reads_the_list_again(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    address = TargetAddress(name="cluster", method=Method.KUBERNETES, namespace=stand.room)
    variables = variables_of(control_plane.kubeconfig())
    connection = Outdated(address, variables, SystemClock())
    listed = await connection.every(PODS)
    name = await crash(stand)
    await asyncio.to_thread(control_plane.forget)
    connection.first = listed
    early = datetime(2000, 1, 1, tzinfo=UTC)
    watcher = news.Watcher(connection, PODS, (), of_pod, early)
    try:
        with pytest.raises(news.ForgottenError):
            async with aclosing(watcher._watched(listed[1])) as watched:
                await anext(watched)
        async with aclosing(watcher.changes()) as told:
            change = await heard(told, ChangeKind.OUT_OF_MEMORY)
            assert change.subject == name
    finally:
        await connection.aclose()


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
        name = await crash(stand)
        assert (await hearing).subject == name


async def test_news_end_with_the_server_and_begin_with_it_again(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        await crash(stand)
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
        name = await crash(stand)
        assert (await hearing).subject == name


async def test_a_server_that_hangs_is_told_in_time_and_recovers(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    hasty = target_at(control_plane, stand.room, time_limit_s=1.0)
    await hasty.look()
    control_plane.api.pause()
    try:
        async with asyncio.timeout(5):
            for ask in (hasty.look, lambda: hasty.changes(datetime.now(UTC))):
                with pytest.raises(SourceError, match="gave no answer in time"):
                    await ask()
            with pytest.raises(SourceError, match="gave no answer in time"):
                await anext(hasty.news())
    finally:
        control_plane.api.resume()
    assert (await hasty.look()).workloads[0].ready == 2
    await hasty.aclose()


async def test_who_may_not_watch_events_hears_of_pods(
    stand: KubernetesStand, control_plane: ControlPlane
) -> None:
    target = grace(control_plane, stand.room, "list,watch", "pods")
    async with aclosing(target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        name = await crash(stand)
        assert (await hearing).subject == name
    await target.aclose()


async def test_who_closes_the_news_leaves_no_task_behind(stand: KubernetesStand) -> None:
    async with aclosing(stand.target.news()) as told:
        hearing = asyncio.create_task(heard(told, ChangeKind.OUT_OF_MEMORY))
        await crash(stand)
        await hearing
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert "watch of a namespace" not in names
