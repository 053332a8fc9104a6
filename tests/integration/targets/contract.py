"""What every target does, whatever its method: the adapters pass it against the real thing, and
against the sandbox in each of its poses."""

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import LogQuery, Target
from procedures.targets.values import Kind, Unit, Workload

PATIENCE_S = 60.0
LOOK_AGAIN_S = 0.2


class Stand(Protocol):
    """A deployment whose service has at least two units, or one that cannot be scaled.

    Attributes:
        variables: The environment of the target's commands.
        kind: What the service is here.
        scales, rolls_back: Whether this deployment can do so.
        file: A file that is there where the units live.
    """

    target: Target
    variables: Mapping[str, str]
    kind: Kind
    scales: bool
    rolls_back: bool
    file: str

    async def write(self, text: str) -> None:
        """Let a unit of the service write a line to its log."""

    async def crash(self) -> None:
        """Let one unit of the service end with an error; it is started again by itself."""

    async def break_off(self) -> None:
        """Let the target's source answer no more: an engine, an API server, the tool."""

    async def mend(self) -> None:
        """Let it answer again."""


class TargetContract:
    """Subclass it with a fixture ``stand``; every test leaves the stand as it found it."""

    async def test_the_service_comes_first_with_its_units(self, stand: Stand) -> None:
        holdings = await stand.target.look()
        service = holdings.workloads[0]
        assert service.name == stand.target.place.service
        assert service.kind is stand.kind
        assert service.units
        assert all(unit.workload == service.name for unit in service.units)
        assert service.ready == sum(unit.serves for unit in service.units)
        assert all(unit.began_at and unit.began_at <= holdings.at for unit in service.units)
        assert all(unit.word and unit.restarts is not None for unit in service.units)
        ids = [unit.id for each in holdings.workloads for unit in each.units]
        assert len(ids) == len(set(ids))

    async def test_where_it_is_can_be_said_without_asking(self, stand: Stand) -> None:
        assert stand.target.place.where

    async def test_the_end_of_a_log_has_so_many_lines(self, stand: Stand) -> None:
        for number in range(5):
            await stand.write(f"INFO counted {number}")
        unit = await a_unit(stand)
        lines = await read(stand.target, unit, LogQuery(tail=3))
        assert 0 < len(lines) <= 3
        assert all(line.unit == unit.name for line in lines)
        stamps = [line.stamp for line in lines]
        assert stamps == sorted(stamps)
        assert all(datetime.fromisoformat(stamp).utcoffset() == timedelta() for stamp in stamps)

    async def test_a_log_is_followed(self, stand: Stand) -> None:
        units = await units_of(stand)
        followed = [stand.target.log(unit, LogQuery(tail=0, follow=True)) for unit in units]
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            waits = [group.create_task(line_with(each, "needle-1")) for each in followed]
            writes = group.create_task(repeat(lambda: stand.write("ERROR needle-1")))
            found, rest = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in (*rest, writes):
                task.cancel()
        line = next(iter(found)).result()
        assert line.severity is Severity.ERROR

    async def test_what_was_written_before_is_left_out(self, stand: Stand) -> None:
        await stand.write("INFO long ago")
        unit = await a_unit(stand)
        later = SystemClock().now() + timedelta(seconds=30)
        assert not await read(stand.target, unit, LogQuery(since=later))

    async def test_a_crash_is_among_the_changes_and_in_the_news(self, stand: Stand) -> None:
        begun = SystemClock().now() - timedelta(seconds=1)
        before = await service_of(stand)
        async with asyncio.timeout(PATIENCE_S), aclosing(stand.target.news()) as news:
            hearing = asyncio.create_task(first_about(news, before))
            await asyncio.sleep(0)
            await stand.crash()
            heard = await hearing
        assert heard.at >= begun
        changes = await stand.target.changes(begun)
        assert any(about(before, each) for each in changes)
        assert list(changes) == sorted(changes, key=lambda each: each.at)
        await until(stand, lambda now: now.ready == before.ready)

    async def test_a_restart_replaces_what_ran(self, stand: Stand) -> None:
        before = await service_of(stand)
        action = stand.target.action(Verb.RESTART, before)
        assert isinstance(action, Action)
        old = {(unit.id, unit.began_at) for unit in before.units}
        await run(action, stand)
        await until(
            stand,
            lambda now: (
                now.ready == before.ready
                and not old & {(unit.id, unit.began_at) for unit in now.units}
            ),
        )

    async def test_it_is_scaled_and_back(self, stand: Stand) -> None:
        before = await service_of(stand)
        assert before.units
        action = stand.target.action(Verb.SCALE, before, replicas=before.ready + 1)
        if not stand.scales:
            assert isinstance(action, Refusal)
            assert action.why
            return
        assert isinstance(action, Action)
        await run(action, stand)
        more = await until(stand, lambda now: now.ready == before.ready + 1)
        back = stand.target.action(Verb.SCALE, more, replicas=before.ready)
        assert isinstance(back, Action)
        await run(back, stand)
        await until(stand, lambda now: len(now.units) == now.ready == before.ready)

    async def test_it_is_stopped_and_started(self, stand: Stand) -> None:
        before = await service_of(stand)
        stop = stand.target.action(Verb.STOP, before)
        assert isinstance(stop, Action)
        await run(stop, stand)
        stopped = await until(stand, lambda now: now.ready == 0)
        start = stand.target.action(Verb.START, stopped, replicas=before.ready)
        assert isinstance(start, Action)
        await run(start, stand)
        await until(stand, lambda now: now.ready == before.ready)

    async def test_it_is_rolled_back_or_says_why_not(self, stand: Stand) -> None:
        before = await service_of(stand)
        action = stand.target.action(Verb.ROLL_BACK, before)
        if not stand.rolls_back:
            assert isinstance(action, Refusal)
            assert action.why
            return
        assert isinstance(action, Action)
        await run(action, stand)
        await until(
            stand, lambda now: now.ready == before.ready and now.revision != before.revision
        )

    async def test_a_program_runs_where_the_unit_lives(self, stand: Stand) -> None:
        unit = await a_unit(stand)
        assert (await stand.target.inside(unit, ["cat", stand.file])).output
        assert (await stand.target.inside(unit, ["cat", "/no/such/file"])).status == 1
        assert (await stand.target.inside(unit, ["no-such-program"])).status in {126, 127}

    async def test_what_it_uses_is_told(self, stand: Stand) -> None:
        use = await stand.target.use(await a_unit(stand))
        assert use.memory_bytes is None or use.memory_bytes > 0

    async def test_it_recovers_when_its_source_answers_again(self, stand: Stand) -> None:
        before = await service_of(stand)
        await stand.break_off()
        with pytest.raises(SourceError) as told:
            await stand.target.look()
        assert told.value.what
        assert told.value.fix
        await stand.mend()
        await until(stand, lambda now: now.ready == before.ready)


async def service_of(stand: Stand) -> Workload:
    """Return the service as it is when all of it serves and no roll adds some for a while."""
    return await until(
        stand,
        lambda now: now.ready > 0 and now.ready == len(now.units) and not now.changing,
    )


async def units_of(stand: Stand) -> tuple[Unit, ...]:
    return (await service_of(stand)).units


async def a_unit(stand: Stand) -> Unit:
    return (await units_of(stand))[0]


async def until(stand: Stand, holds: Callable[[Workload], bool]) -> Workload:
    """Look again and again until ``holds``; a source that does not answer is asked again."""
    last: object = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    last = (await stand.target.look()).workload(stand.target.place.service)
                except SourceError as error:
                    last = error
                if isinstance(last, Workload) and holds(last):
                    return last
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise AssertionError(f"it never came so far; last seen: {last}") from None


async def read(target: Target, unit: Unit, query: LogQuery) -> list[LogLine]:
    async with asyncio.timeout(PATIENCE_S), aclosing(target.log(unit, query)) as batches:
        return [line async for batch in batches for line in batch]


async def line_with(batches: AsyncGenerator[Sequence[LogLine], None], word: str) -> LogLine:
    async with aclosing(batches):
        async for batch in batches:
            for line in batch:
                if word in line.text:
                    return line
    raise AssertionError(f"the log ended without {word}")


async def first_about(news: AsyncGenerator[Change, None], service: Workload) -> Change:
    async for change in news:
        if about(service, change):
            return change
    raise AssertionError("the news ended")


def about(service: Workload, change: Change) -> bool:
    """Tell whether a change is about a workload or one of its units."""
    names = {service.name, *(unit.name for unit in service.units)}
    return any(change.subject.startswith(name) for name in names)


async def repeat(do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await do()
        await asyncio.sleep(LOOK_AGAIN_S)


async def run(action: Action, stand: Stand) -> None:
    """Execute the command lines as an operator's shell would."""
    for argv in action.commands:
        done = await asyncio.to_thread(
            subprocess.run,
            argv,
            env=dict(stand.variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
