"""What happens around the Docker adapter: engines that go and come, and projects of others."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.docker.target import DockerTarget
from procedures.targets.target import LogQuery
from procedures.targets.values import Phase, Unit, Workload
from tests.integration.targets.contract import PATIENCE_S, read, until
from tests.integration.targets.docker_stand import NAME, DockerStand

pytestmark = pytest.mark.docker

TOOLS = "quarterdeck-test-tools:1.0"


@pytest.fixture
async def stand(docker_stand: DockerStand) -> AsyncIterator[DockerStand]:
    docker_stand.target = docker_stand.made()
    await docker_stand.settle()
    await until(docker_stand, lambda now: now.ready == len(now.units) == 2)
    yield docker_stand
    await docker_stand.target.aclose()


async def first_unit(stand: DockerStand) -> Unit:
    return (await stand.target.look()).workloads[0].units[0]


def stranger(stand: DockerStand, name: str, project: str, service: str, *more: str) -> None:
    """Start a container that says it is one of a compose project."""
    labels = {"project": project, "service": service, "container-number": "1", "oneoff": "False"}
    words = [w for k, v in labels.items() for w in ("--label", f"com.docker.compose.{k}={v}")]
    stand.engine.docker("run", "-d", "--name", name, *words, *more, TOOLS, "sleep", "300")


async def test_news_go_on_after_the_engine_was_restarted(stand: DockerStand) -> None:
    heard = asyncio.create_task(a_restart(stand))
    await asyncio.sleep(0)
    await stand.break_off()
    await stand.mend()
    await until(stand, lambda now: now.ready == 2)
    await stand.crash()
    async with asyncio.timeout(PATIENCE_S):
        change = await heard
    assert change.subject == stand.name()
    await stand.settle()


async def a_restart(stand: DockerStand) -> Change:
    """Return the next restart; whoever hears news asks again while the engine is away."""
    while True:
        try:
            async with aclosing(stand.target.news()) as news:
                async for change in news:
                    if change.kind is ChangeKind.RESTART:
                        return change
        except SourceError:
            await asyncio.sleep(0.1)


async def test_an_engine_that_hangs_is_given_up_by_logs_news_and_programs(
    stand: DockerStand,
) -> None:
    unit = await first_unit(stand)

    async def log() -> object:
        return await read(stand.target, unit, LogQuery(tail=1, follow=True))

    async def news() -> object:
        async with aclosing(stand.target.news()) as changes:
            return await anext(changes)

    with stand.engine.hanging():
        for ask in (log, news, lambda: stand.target.inside(unit, ["true"])):
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(SourceError, match="answers nothing"):
                    await ask()


async def test_projects_of_others_are_ignored_but_two_services_of_a_name_are_told(
    stand: DockerStand,
) -> None:
    stranger(stand, "theirs", "theirs", NAME)
    stranger(stand, "once", "stand", NAME, "--label", "com.docker.compose.oneoff=True")
    unnamed = stand.made(project="")
    try:
        names = [unit.name for each in (await stand.target.look()).workloads for unit in each.units]
        assert {"theirs", "once"}.isdisjoint(names)
        with pytest.raises(SourceError, match="stand, theirs") as told:
            await unnamed.look()
        assert "project" in told.value.fix
    finally:
        await unnamed.aclose()
        stand.engine.docker("rm", "-f", "theirs", "once")


async def test_a_fixed_name_and_a_fixed_port_are_not_scaled(stand: DockerStand) -> None:
    stranger(stand, "the-one", "fixed", "alone")
    stranger(stand, "fixed_web_1", "fixed", "web", "-p", "28080:80")
    target = stand.made(project="fixed", service="web")
    try:
        holdings = await target.look()
        ways = {
            each.name: scaled(target, each.name, holdings.workloads) for each in holdings.workloads
        }
    finally:
        await target.aclose()
        stand.engine.docker("rm", "-f", "the-one", "fixed_web_1")
    assert "the-one is fixed" in ways["alone"]
    assert "published as 28080" in ways["web"]


def scaled(target: DockerTarget, name: str, workloads: Sequence[Workload]) -> str:
    workload = next(each for each in workloads if each.name == name)
    way = target.action(Verb.SCALE, workload, replicas=2)
    assert isinstance(way, Refusal)
    return way.why


async def test_the_service_is_made_anew_after_it_was_taken_away(stand: DockerStand) -> None:
    await stand.target.look()
    await asyncio.to_thread(stand.compose, "rm", "--stop", "--force", NAME)
    gone = await until(stand, lambda now: not now.units)
    action = stand.target.action(Verb.START, gone, replicas=2)
    assert isinstance(action, Action)
    for argv in action.commands:
        await asyncio.to_thread(stand.engine.run, *argv)
    await until(stand, lambda now: now.ready == 2)


async def test_the_log_of_the_life_before_ends_where_this_one_begins(stand: DockerStand) -> None:
    await stand.write("INFO of the life before")
    before = (await first_unit(stand)).restarts or 0
    await stand.crash()
    await until(stand, lambda now: now.ready == 2 and (now.units[0].restarts or 0) > before)
    await stand.write("INFO of this life")
    unit = await first_unit(stand)
    lines = await read(stand.target, unit, LogQuery(tail=2, previous=True))
    assert [line.text for line in lines] == ["INFO of the life before", "ERROR giving up with 3"]


async def test_a_slow_reader_slows_the_source_and_misses_nothing(stand: DockerStand) -> None:
    stand.engine.docker("run", "--name", "many", TOOLS, "sh", "-c", "seq 100000")
    container = stand.engine.docker("inspect", "-f", "{{.Id}}", "many").strip()
    unit = Unit(id=container, name="many", workload="", phase=Phase.STOPPED, word="exited")
    seen: list[str] = []
    try:
        async with asyncio.timeout(PATIENCE_S):
            async with aclosing(stand.target.log(unit, LogQuery(tail=None))) as batches:
                async for batch in batches:
                    assert len(batch) < 5_000
                    seen += [line.text for line in batch]
                    await asyncio.sleep(0.001)
    finally:
        stand.engine.docker("rm", "-f", "many")
    assert seen == [str(number) for number in range(1, 100_001)]


async def test_more_than_a_megabyte_of_words_is_cut_and_the_status_is_still_told(
    stand: DockerStand,
) -> None:
    unit = await first_unit(stand)
    script = "head -c 3000000 /dev/zero | tr '\\0' x; exit 7"
    answer = await stand.target.inside(unit, ["sh", "-c", script])
    assert (answer.status, len(answer.output)) == (7, 1024 * 1024)


async def test_the_past_is_known_from_the_containers_when_the_engine_forgot(
    stand: DockerStand,
) -> None:
    """A started engine remembers nothing of what was before."""
    begun = SystemClock().now()
    await asyncio.to_thread(stand.engine.docker, "restart", stand.name(2))
    await stand.break_off()
    await stand.mend()
    changes = await stand.target.changes(begun)
    assert any(each.subject == stand.name(2) for each in changes)
