"""The Docker adapter against a real engine."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.docker.target import DockerTarget
from procedures.targets.log_lines import LONGEST_LINE
from procedures.targets.target import LogQuery
from procedures.targets.values import Phase, Unit
from tests.docker_engine import wait_until
from tests.integration.targets.contract import PATIENCE_S, TargetContract, read, until
from tests.integration.targets.docker_stand import NAME, DockerStand

pytestmark = pytest.mark.docker


@pytest.fixture
async def stand(docker_stand: DockerStand) -> AsyncIterator[DockerStand]:
    docker_stand.target = docker_stand.made()
    await docker_stand.settle()
    yield docker_stand
    await docker_stand.target.aclose()


class TestDockerTarget(TargetContract):
    """The contract, on two containers of a compose project."""


async def a_unit(stand: DockerStand, number: int = 1) -> Unit:
    workload = await until(stand, lambda now: now.ready == len(now.units) == 2)
    return next(unit for unit in workload.units if unit.name == stand.name(number))


async def test_all_services_are_found_and_other_projects_are_not(stand: DockerStand) -> None:
    stand.engine.docker(
        "run", "-d", "--name", "foreign", "quarterdeck-test-tools:1.0", "sleep", "60"
    )
    try:
        holdings = await stand.target.look()
    finally:
        stand.engine.docker("rm", "-f", "foreign")
    assert [each.name for each in holdings.workloads] == [NAME, "postgres", "redis"]
    unit = holdings.workloads[0].units[0]
    assert unit.image == "quarterdeck-test-service:1.0"
    assert len(unit.version) == 12
    assert unit.use.memory_limit_bytes == 64 * 1024**2


async def test_the_only_project_that_has_the_service_is_found(stand: DockerStand) -> None:
    found = stand.made(project="")
    try:
        assert (await found.look()).workloads[0].name == NAME
        assert "project stand" in found.place.where
    finally:
        await found.aclose()


async def test_what_is_used_is_known_after_two_looks(stand: DockerStand) -> None:
    def measured(now: object) -> bool:
        units = getattr(now, "units", ())
        return all(unit.use.cpu_cores is not None and unit.use.memory_bytes for unit in units)

    workload = await until(stand, measured)
    assert all(0 < (unit.use.memory_bytes or 0) < 64 * 1024**2 for unit in workload.units)


async def test_a_health_check_that_fails_is_told_with_its_words(stand: DockerStand) -> None:
    await a_unit(stand)
    # The engine was stopped and started by other tests, and looks after the health of what it
    # started itself.
    stand.engine.docker("restart", stand.name())
    await a_unit(stand)
    stand.engine.docker("exec", stand.name(), "mv", "/www/health", "/www/ill")
    try:
        ill = await until(stand, lambda now: any(u.word == "unhealthy" for u in now.units))
        unit = next(unit for unit in ill.units if unit.word == "unhealthy")
        assert (unit.phase, unit.ready) == (Phase.RUNNING, False)
        assert "health check fails" in unit.reason
        assert ill.ready == 1
    finally:
        stand.engine.docker("exec", stand.name(), "mv", "/www/ill", "/www/health")
    await a_unit(stand)


async def test_a_kill_for_want_of_memory_is_told(stand: DockerStand) -> None:
    await a_unit(stand)
    begun = SystemClock().now() - timedelta(seconds=1)
    async with asyncio.timeout(PATIENCE_S), aclosing(stand.target.news()) as news:
        heard = asyncio.create_task(first(news, lambda c: c.kind is ChangeKind.OUT_OF_MEMORY))
        await asyncio.sleep(0)
        await stand.order("eat", waits=False)
        change = await heard
    assert (change.subject, change.state) == (stand.name(), State.CRITICAL)
    await until(stand, lambda now: now.ready == 2 and bool(now.units[0].restarts))
    told = await stand.target.changes(begun)
    kinds = [each.kind for each in told if each.subject == stand.name()]
    assert ChangeKind.OUT_OF_MEMORY in kinds
    assert ChangeKind.RESTART in kinds
    assert ChangeKind.FAILED not in kinds
    unit = (await stand.target.look()).workloads[0].units[0]
    assert (unit.exit_code, unit.out_of_memory) == (137, True)


async def test_another_image_is_among_the_changes(stand: DockerStand) -> None:
    from tests.docker_images import make_service

    make_service(stand.engine.url, tag="1.1", note="newer")
    file = stand.directory / "docker-compose.yml"
    before = file.read_text()
    begun = SystemClock().now() - timedelta(minutes=10)
    await a_unit(stand)
    try:
        file.write_text(before.replace("service:1.0", "service:1.1"))
        async with asyncio.timeout(PATIENCE_S), aclosing(stand.target.news()) as news:
            heard = asyncio.create_task(first(news, lambda c: c.kind is ChangeKind.IMAGE))
            await asyncio.sleep(0)
            await asyncio.to_thread(stand.compose, "up", "-d", "--scale", f"{NAME}=2", NAME)
            change = await heard
        assert change.text == "quarterdeck-test-service:1.0 → quarterdeck-test-service:1.1"
        assert await stand.target.changes(begun)
    finally:
        file.write_text(before)
        stand.compose("up", "-d", "--scale", f"{NAME}=2", NAME)
    await a_unit(stand)


async def test_half_a_megabyte_without_an_end_comes_in_pieces(stand: DockerStand) -> None:
    stand.engine.docker(
        "run", "--name", "talker", "quarterdeck-test-tools:1.0", "sh", "-c",
        "head -c 500000 /dev/zero | tr '\\0' x; echo; printf '\\033[31mred\\n'; printf end",
    )  # fmt: skip
    try:
        lines = await read(stand.target, a_container(stand, "talker"), LogQuery())
    finally:
        stand.engine.docker("rm", "-f", "talker")
    texts = [line.text for line in lines]
    assert "".join(texts[:-2]) == "x" * 500_000
    assert all(len(text) <= LONGEST_LINE for text in texts)
    assert texts[-2:] == ["\x1b[31mred", "end"]
    assert len({line.stamp for line in lines[:-2]}) == 1


async def test_a_container_with_a_terminal_is_read_too(stand: DockerStand) -> None:
    stand.engine.docker(
        "run", "-t", "--name", "screen", "quarterdeck-test-tools:1.0", "sh", "-c",
        "echo INFO one; echo ERROR two",
    )  # fmt: skip
    try:
        lines = await read(stand.target, a_container(stand, "screen"), LogQuery())
    finally:
        stand.engine.docker("rm", "-f", "screen")
    assert [line.text for line in lines] == ["INFO one", "ERROR two"]
    assert all(line.stamp for line in lines)


async def test_an_engine_that_hangs_is_told_and_comes_back(stand: DockerStand) -> None:
    await a_unit(stand)
    with stand.engine.hanging(), pytest.raises(SourceError, match="answers nothing"):
        await stand.target.look()
    await a_unit(stand)


async def test_a_log_that_is_followed_ends_with_its_engine(stand: DockerStand) -> None:
    unit = await a_unit(stand)
    await stand.write("INFO before")
    async with asyncio.timeout(PATIENCE_S):
        async with aclosing(stand.target.log(unit, LogQuery(tail=1, follow=True))) as batches:
            await anext(batches)
            await stand.break_off()
            try:
                with suppress(SourceError):
                    async for _ in batches:
                        pass
            finally:
                await stand.mend()
    await a_unit(stand)


async def test_a_project_without_containers_is_told_beside_those_there_are(
    stand: DockerStand,
) -> None:
    absent = stand.made(project="nowhere")
    try:
        holdings = await absent.look()
    finally:
        await absent.aclose()
    assert [(each.name, each.ready) for each in holdings.workloads] == [(NAME, 0)]
    assert "no container of project nowhere" in holdings.missing[0].fault
    assert holdings.missing[0].fault.endswith(": stand")


async def test_a_missing_socket_says_what_to_do(tmp_path: Path) -> None:
    target = DockerTarget(
        TargetAddress(name="x", method=Method.DOCKER, engine=f"unix://{tmp_path}/no.sock"),
        variables={"PATH": os.environ["PATH"]},
        clock=SystemClock(),
    )
    with pytest.raises(SourceError, match="socket is missing") as told:
        await target.look()
    assert "systemctl start docker" in told.value.fix
    with pytest.raises(SourceError, match="socket is missing"):
        await target.changes(SystemClock().now())


async def test_a_forbidden_socket_says_which_group_to_join(stand: DockerStand) -> None:
    """Asked by another process, of a user who may not."""
    script = (
        "import asyncio, os, sys\n"
        "from procedures.clock import SystemClock\n"
        "from procedures.environment import Method, TargetAddress\n"
        "from procedures.errors import SourceError\n"
        "from procedures.targets.docker.target import DockerTarget\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "address = TargetAddress(name='x', method=Method.DOCKER, engine=sys.argv[1])\n"
        "target = DockerTarget(address, variables={}, clock=SystemClock())\n"
        "try: asyncio.run(target.look())\n"
        "except SourceError as error: print(error.what, '/', error.fix)\n"
    )
    socket = stand.engine.url.removeprefix("unix://")
    mode = os.stat(socket).st_mode  # noqa: PTH116 - a test may wait for its disk
    os.chmod(socket, 0o600)  # noqa: PTH101
    try:
        asked = await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, stand.engine.url, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await asyncio.wait_for(asked.communicate(), PATIENCE_S)
    finally:
        os.chmod(socket, mode)  # noqa: PTH101
    assert b"may not use the Docker engine" in said
    assert b"group docker" in said


async def test_the_engine_that_the_settings_name_stands_in_the_command(stand: DockerStand) -> None:
    from procedures.targets.actions import Action, Verb

    named = stand.made(engine=stand.engine.url)
    try:
        workload = (await named.look()).workloads[0]
        action = named.action(Verb.RESTART, workload)
    finally:
        await named.aclose()
    assert isinstance(action, Action)
    assert action.commands[0] == ("docker", "-H", stand.engine.url, "restart", stand.name(1))


@pytest.mark.benchmark_only
async def test_how_fast_a_log_is_read(stand: DockerStand) -> None:
    import resource
    import time

    count = 500_000
    stand.engine.docker(
        "run", "--name", "fast", "quarterdeck-test-tools:1.0", "sh", "-c",
        f"yes 'INFO llm_config_server::api request completed status=200' | head -n {count}",
    )  # fmt: skip
    wait_until(stand.engine, "ps", "-a", "--filter", "name=fast", shows="Exited")
    used = resource.getrusage(resource.RUSAGE_SELF)
    begun, cpu = time.perf_counter(), used.ru_utime + used.ru_stime
    seen = 0
    async with aclosing(
        stand.target.log(a_container(stand, "fast"), LogQuery(tail=None))
    ) as batches:
        async for batch in batches:
            seen += len(batch)
    took = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime - cpu
    stand.engine.docker("rm", "-f", "fast")
    sys.stdout.write(
        f"\n{seen / took:,.0f} lines/s, {50_000 * spent / seen:.0%} of a core at 50,000/s\n"
    )
    assert seen == count


def a_container(stand: DockerStand, name: str) -> Unit:
    found = stand.engine.docker("inspect", "-f", "{{.Id}}", name).strip()
    return Unit(id=found, name=name, workload="", phase=Phase.STOPPED, word="exited")


async def first(news: AsyncGenerator[Change, None], fits: Callable[[Change], bool]) -> Change:
    async for change in news:
        if fits(change):
            return change
    raise AssertionError("the news ended")
