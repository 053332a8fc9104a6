"""The journal of a real systemd: logs as they are written, what may not be read, what happened."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity
from procedures.targets.target import LogQuery
from procedures.targets.values import Unit
from tests.integration.targets.contract import line_with, read, repeat
from tests.integration.targets.systemd_stand import BoxStand, eventually, target_with, unit
from tests.systemd_box import SystemdBox, wait_for

pytestmark = pytest.mark.systemd

LIMIT_S = 30.0
TEN = LogQuery(tail=10)


@pytest.fixture
def stand(systemd_box: SystemdBox) -> BoxStand:
    return BoxStand(systemd_box)


async def service_of(stand: BoxStand) -> Unit:
    return await unit(stand.target, "llm-config-manager")


def children() -> list[int]:
    """Return the processes that this one started and that are still there, zombies too."""
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for each in tasks for pid in each.read_text().split()]


def follows(pid: int) -> bool:
    """Tell whether a process is a journalctl that follows."""
    try:
        return b"--follow" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended
        return False


async def test_lines_come_as_they_were_written(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools, "odd")
    systemd_box.run("systemctl", "start", "odd")
    systemd_box.run("journalctl", "--sync")
    lines = await read(target, await unit(target, "odd"), LogQuery(tail=None))
    texts = [line.text for line in lines]
    assert "caf\N{REPLACEMENT CHARACTER} is no UTF-8" in texts
    assert "\x1b[31mred\x1b[0m \x1b]0;title\x07 bell" in texts
    long = [line for line in lines if line.text.startswith("xxx")]
    assert sum(len(line.text) for line in long) == 500_000
    assert max(len(line.text) for line in long) <= LONGEST_LINE
    assert {line.severity for line in long} == {Severity.ERROR}


async def test_the_last_lines_since_a_time_are_the_last(stand: BoxStand) -> None:
    since = datetime.now(UTC)
    for number in range(8):
        await stand.write(f"INFO numbered {number}")
    some = await service_of(stand)
    await eventually(
        lambda: read(stand.target, some, LogQuery(since=since, tail=100)),
        lambda lines: len(lines) >= 8,
    )
    lines = await read(stand.target, some, LogQuery(since=since, tail=3))
    assert [line.text for line in lines] == [f"INFO numbered {number}" for number in (5, 6, 7)]


async def test_what_there_was_is_followed_by_what_comes_and_nothing_twice(stand: BoxStand) -> None:
    await stand.write("INFO before")
    some = await service_of(stand)
    seen: list[str] = []
    await eventually(
        lambda: read(stand.target, some, TEN), lambda lines: "before" in lines[-1].text
    )
    async with asyncio.timeout(LIMIT_S):
        async with aclosing(stand.target.log(some, LogQuery(tail=10, follow=True))) as batches:
            async for batch in batches:
                seen += [line.text for line in batch]
                if "INFO before" in seen and "INFO after" not in seen:
                    await stand.write("INFO after")
                if "INFO after" in seen:
                    break
    assert seen.count("INFO before") == seen.count("INFO after") == 1


async def test_the_life_before_the_last_restart_is_kept(stand: BoxStand) -> None:
    await stand.write("INFO in my first life")
    await stand.crash()
    before = await eventually(lambda: _previous(stand), bool)
    await stand.write("INFO in my second life")
    assert any("first life" in line.text for line in before)
    assert any("status=7" in line.text for line in before)
    assert not any("second life" in line.text for line in await _previous(stand))


async def _previous(stand: BoxStand) -> list[LogLine]:
    some = await service_of(stand)
    lines = await read(stand.target, some, LogQuery(previous=True))
    return lines if any("first life" in line.text for line in lines) else []


async def test_a_timer_has_the_log_of_what_it_starts(stand: BoxStand) -> None:
    stand.box.run("systemctl", "start", "llm-config-backup", check=False)
    timer = await unit(stand.target, "llm-config-backup.timer")
    lines = await read(stand.target, timer, LogQuery())
    assert any("no room for the archive" in line.text for line in lines)
    assert {line.unit for line in lines} == {"llm-config-backup.timer"}
    stand.box.run("systemctl", "reset-failed", "llm-config-backup")


async def test_journalctl_ends_with_its_reader(stand: BoxStand) -> None:
    some = await service_of(stand)
    before = set(children())
    await line_with(stand.target.log(some, LogQuery(tail=1, follow=True)), "")
    following = asyncio.create_task(
        line_with(stand.target.log(some, LogQuery(tail=0, follow=True)), "never")
    )
    await asyncio.to_thread(wait_for, lambda: set(children()) != before)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert set(children()) == before


@pytest.mark.parametrize("query", [LogQuery(), LogQuery(tail=0, follow=True)])
async def test_who_may_not_read_the_journal_is_told_what_to_join(
    systemd_box: SystemdBox, query: LogQuery
) -> None:
    target = target_with(systemd_box.stranger)
    some = await unit(target, "llm-config-manager")
    assert some.word == "active"  # everybody may look at units
    with pytest.raises(SourceError, match="may not read the system's journal") as told:
        await read(target, some, query)
    assert "systemd-journal" in told.value.fix


async def test_who_may_not_read_the_journal_knows_no_changes(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.stranger)
    with pytest.raises(SourceError, match="may not read"):
        await target.changes(datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(SourceError, match="may not read"):
        await anext(target.news())


async def test_a_crash_is_told_with_its_restart(stand: BoxStand) -> None:
    since = datetime.now(UTC)
    await stand.crash()
    found = await eventually(lambda: stand.target.changes(since), lambda each: len(each) >= 3)
    assert [(each.kind, each.state) for each in found] == [
        (ChangeKind.FAILED, State.CRITICAL),
        (ChangeKind.RESTART, State.WARNING),
        (ChangeKind.STARTED, State.OK),
    ]
    assert found[0].text == "Main process exited, code=exited, status=7/NOTRUNNING"
    assert {each.subject for each in found} == {"llm-config-manager"}
    assert {each.source for each in found} == {"here"}


async def test_news_come_again_after_their_source_broke(
    stand: BoxStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procedures.targets.systemd.doings._RECONNECT_S", 0.01)
    before = set(children())
    async with asyncio.timeout(LIMIT_S), aclosing(stand.target.news()) as news:
        restarts = asyncio.create_task(repeat(lambda: restart(stand)))
        await anext(news)
        restarts.cancel()
        (journalctl,) = (pid for pid in set(children()) - before if follows(pid))
        os.killpg(journalctl, signal.SIGKILL)
        stand.box.run("systemctl", "restart", "redis-server")
        assert (await first_of(news, "redis-server")).kind is ChangeKind.STARTED


async def restart(stand: BoxStand) -> None:
    await asyncio.to_thread(stand.box.run, "systemctl", "restart", "postgresql")


async def first_of(news: AsyncGenerator[Change, None], subject: str) -> Change:
    async for change in news:
        if change.subject == subject:
            return change
    raise AssertionError("the news ended")


@pytest.mark.benchmark_only
async def test_speed_of_reading_a_log(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools, "flood")
    await asyncio.to_thread(systemd_box.run, "systemctl", "start", "flood")
    systemd_box.run("journalctl", "--sync")
    some = await unit(target, "flood")
    wall, processor = time.monotonic(), time.process_time()
    lines = 0
    batches: AsyncGenerator[Sequence[LogLine], None] = target.log(some, LogQuery(tail=None))
    async with aclosing(batches):
        async for batch in batches:
            lines += len(batch)
    wall, processor = time.monotonic() - wall, time.process_time() - processor
    print(f"\n{lines / wall:,.0f} lines/s, {processor / wall:.0%} of a processor")  # noqa: T201
    assert lines > 10_000
