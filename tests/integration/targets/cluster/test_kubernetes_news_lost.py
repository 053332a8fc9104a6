"""News when the server forgets or hangs: in a namespace that nothing else disturbed."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

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
    KubernetesStand,
    heard,
    run_out_of_memory,
    target_at,
    variables_of,
)

pytestmark = pytest.mark.kubernetes


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
    name = await run_out_of_memory(stand)
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
