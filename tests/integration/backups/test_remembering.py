"""What was verified stays known, as long as it is the same file."""

import gzip
import json
import os
from datetime import timedelta

import pytest

from procedures.backups.depot import Depot
from procedures.backups.memory import MOST, Memory
from procedures.backups.values import Check, Outcome, Verification
from procedures.signals.backups_source import BackupsSource
from tests.integration.backups.depot_of_files import NOW, Files, Fixed, complete, packed

WHOLE = gzip.compress(packed(complete()))


async def _outcomes(files: Files) -> list[Outcome]:
    stock = await Depot(files.environment, Fixed()).stock()
    return [stock.known[each.key].outcome for each in stock.backups if each.key in stock.known]


async def test_another_console_knows_what_was_verified(files: Files) -> None:
    files.write("a.tar.gz", WHOLE)
    files.write("b.tar.gz", WHOLE[:-9])
    assert await _outcomes(files) == []
    await files.verified("a.tar.gz")
    await files.verified("b.tar.gz")
    assert sorted(each.value for each in await _outcomes(files)) == ["damaged", "verified"]


async def test_a_file_that_was_replaced_was_never_verified(files: Files) -> None:
    path = files.write("a.tar.gz", WHOLE)
    await files.verified("a.tar.gz")
    times = (path.stat().st_atime, path.stat().st_mtime)
    path.rename(path.with_name("kept"))
    path.write_bytes(WHOLE)
    os.utime(path, times)
    assert await _outcomes(files) == [], "same name, size and time, but another file"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 2, "verified": {}}', '{"version": 1}', "\x00",
     '{"version": 1, "verified": {"k": {"at": "2026-01-01", "proves": true, "checks": []}}}'],
)  # fmt: skip
async def test_a_memory_that_is_not_understood_knows_nothing_and_is_written_anew(
    files: Files, content: str
) -> None:
    files.write("a.tar.gz", WHOLE)
    files.memory.parent.mkdir()
    files.memory.write_text(content)
    assert await _outcomes(files) == []
    await files.verified("a.tar.gz")
    assert await _outcomes(files) == [Outcome.PASSED]


async def test_what_is_neither_yes_nor_no_proves_nothing(files: Files) -> None:
    files.write("a.tar.gz", WHOLE)
    await files.verified("a.tar.gz")
    text = files.memory.read_text().replace('"proves": true', '"proves": "yes"')
    files.memory.write_text(text)
    assert await _outcomes(files) == [Outcome.INCOMPLETE]


async def test_a_memory_that_cannot_be_written_stops_no_verification(files: Files) -> None:
    files.write("a.tar.gz", WHOLE)
    files.memory.parent.write_text("in the way")
    assert (await files.verified("a.tar.gz")).outcome is Outcome.PASSED


def test_the_latest_are_kept(files: Files) -> None:
    memory = Memory(files.memory)
    check = Check(name="integrity", passed=True, said="")
    old = Verification(at=NOW - timedelta(days=1), checks=(check,), proves=True)
    memory.remember("first", old)
    content = json.loads(files.memory.read_text())
    entry = {**content["verified"]["first"], "at": NOW.isoformat()}
    content["verified"] |= {str(number): entry for number in range(MOST)}
    files.memory.write_text(json.dumps(content))
    memory.remember("last", Verification(at=NOW, checks=(check,), proves=True))
    known = memory.recall()
    assert len(known) == MOST
    assert "last" in known
    assert "first" not in known


async def test_the_watch_tells_schedules_recovery_point_and_the_last_verification(
    files: Files,
) -> None:
    files.write("backup-hourly-20260304T111900Z.tar.gz", WHOLE, hours_ago=0.5)
    files.write("backup-daily-20260304T020000Z.tar.gz", WHOLE, hours_ago=9)
    await files.verified("backup-daily-20260304T020000Z.tar.gz")
    source = BackupsSource(files.environment, interval_s=60, timeout_s=5, clock=Fixed())
    backups = await source.read()
    assert backups.recovery is not None
    assert backups.recovery.loss(NOW) == timedelta(minutes=41)
    assert [each.schedule.value for each in backups.schedules] == ["hourly", "daily"]
    assert backups.verified is not None
    assert backups.verified.path == "backup-daily-20260304T020000Z.tar.gz"
    assert backups.verified_at == NOW - timedelta(hours=10)
