"""Logs of pods come from a real API server, which asks the kubelet."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from time import monotonic, thread_time

import pytest

from procedures.errors import SourceError
from procedures.targets.log_lines import LONGEST_LINE, LogLine
from procedures.targets.target import LogQuery
from procedures.targets.values import Unit
from tests.control_plane import ControlPlane
from tests.integration.targets.contract import a_unit, read
from tests.integration.targets.kubernetes_stand import (
    SERVICE,
    KubernetesStand,
    variables_of,
)
from tests.kubelet_api import KubeletApi

pytestmark = pytest.mark.kubernetes


@pytest.fixture
async def unit(stand: KubernetesStand) -> Unit:
    return await a_unit(stand)


async def test_the_log_is_that_of_the_container_named_like_the_workload(
    stand: KubernetesStand, unit: Unit, kubelet_api: KubeletApi
) -> None:
    kubelet_api.write(unit.name, "sidecar", "from beside")
    kubelet_api.write(unit.name, SERVICE, "from within")
    lines = await read(stand.target, unit, LogQuery(tail=1))
    assert [line.text for line in lines] == ["from within"]


async def test_escapes_and_odd_bytes_come_as_they_are(
    stand: KubernetesStand, unit: Unit, kubelet_api: KubeletApi
) -> None:
    kubelet_api.fill(unit.name, SERVICE, [b"\x1b[31mred\x1b[0m", b"\xff", "漢字 ✓".encode(), b""])
    lines = await read(stand.target, unit, LogQuery(tail=4))
    assert [line.text for line in lines] == ["\x1b[31mred\x1b[0m", "\ufffd", "漢字 ✓", ""]


async def test_half_a_megabyte_without_a_newline_comes_in_pieces(
    stand: KubernetesStand, unit: Unit, kubelet_api: KubeletApi
) -> None:
    kubelet_api.fill(unit.name, SERVICE, [b"ERROR " + b"x" * 500_000])
    lines = await read(stand.target, unit, LogQuery(tail=1))
    assert sum(len(line.text) for line in lines) == 500_006
    assert max(len(line.text) for line in lines) <= LONGEST_LINE
    assert len({line.stamp for line in lines}) == 1


async def test_the_life_before_has_a_log_of_its_own(
    stand: KubernetesStand, unit: Unit, kubelet_api: KubeletApi
) -> None:
    kubelet_api.write(f"{unit.name} before", SERVICE, "dying")
    lines = await read(stand.target, unit, LogQuery(previous=True))
    assert [line.text for line in lines] == ["dying"]


async def test_a_pod_that_is_gone_is_told(stand: KubernetesStand, unit: Unit) -> None:
    gone = Unit(
        id="other", name=f"{unit.name}-gone", workload=SERVICE, phase=unit.phase, word="Running"
    )
    with pytest.raises(SourceError, match=r"there is no pod .*-gone any more"):
        await read(stand.target, gone, LogQuery())


async def test_a_log_is_followed_to_the_end_of_its_container(
    stand: KubernetesStand, kubelet_api: KubeletApi
) -> None:
    unit = (await stand.units())[1]
    kubelet_api.write(unit.name, SERVICE, "the last one before")
    batches = stand.target.log(unit, LogQuery(tail=1, follow=True))
    found: list[str] = []
    async with asyncio.timeout(20), aclosing(batches):
        async for batch in batches:
            found += [line.text for line in batch]
            if found == ["the last one before"]:
                kubelet_api.write(unit.name, SERVICE, "one after")
            elif found[-1:] == ["one after"]:
                kubelet_api.end_log(unit.name, SERVICE)
    assert found == ["the last one before", "one after"]


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_who_closes_a_followed_log_leaves_nothing_open(
    stand: KubernetesStand, unit: Unit
) -> None:
    await look_into(stand, unit)  # what stays open for the next question is open now
    before = open_files()
    for _ in range(5):
        await look_into(stand, unit)
    # The kubelet that is played in this process sees a little later that nobody listens.
    async with asyncio.timeout(20):
        while open_files() > before + 1:  # noqa: ASYNC110 - nobody tells when a file is closed
            await asyncio.sleep(0.1)


async def look_into(stand: KubernetesStand, unit: Unit) -> None:
    await stand.write("INFO once more")
    batches = stand.target.log(unit, LogQuery(tail=1, follow=True))
    async with aclosing(batches):
        assert await anext(batches)


async def test_a_followed_log_goes_on_when_the_credentials_are_renewed(
    stand: KubernetesStand, unit: Unit, control_plane: ControlPlane
) -> None:
    path = control_plane.home / "renewed.kubeconfig"
    path.write_text(control_plane.kubeconfig().read_text())
    await stand.follow_settings(variables_of(path))
    await stand.write("INFO first")
    batches = stand.target.log(unit, LogQuery(tail=1, follow=True))
    async with asyncio.timeout(20), aclosing(batches):
        await line_of(batches, "first")
        renewed = (
            control_plane.kubeconfig().read_text().replace("token-of-admin", "token-of-viewer")
        )
        path.write_text(renewed)
        await stand.target.look()
        await stand.write("INFO second")
        await line_of(batches, "second")


async def line_of(batches: AsyncIterator[Sequence[LogLine]], word: str) -> LogLine:
    async for batch in batches:
        for line in batch:
            if word in line.text:
                return line
    raise AssertionError(f"the log ended without {word}")


@pytest.mark.benchmark_only
async def test_how_many_lines_a_second(
    stand: KubernetesStand, unit: Unit, kubelet_api: KubeletApi
) -> None:
    text = b"INFO  request %d GET /api/v1/configs/app/db took 12 ms status=200 from 10.0.0.7"
    kubelet_api.fill(unit.name, SERVICE, [text % number for number in range(200_000)])
    begun, worked = monotonic(), thread_time()
    lines = await read(stand.target, unit, LogQuery(tail=None))
    took, work = monotonic() - begun, thread_time() - worked
    print(f"{len(lines) / took:,.0f} lines/s; 50,000 lines cost {work / len(lines) * 5e4:.2f} s")  # noqa: T201
