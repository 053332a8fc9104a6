"""What a check that asks for a verified backup goes by."""

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest

from procedures.execution.checks.checks import CheckRunner
from procedures.execution.checks.world import LiveWorld
from procedures.reference.states import State
from procedures.runbook.assertion_parser import parse_assertion
from procedures.signals.backups_source import BackupsSource
from procedures.signals.values import Alerts, Backups, Disk, Health, Snapshot
from tests.integration.backups.depot_of_files import NOW, Files, Fixed, complete, packed

LINE = "backup is younger than 25h and verified"
WHOLE = gzip.compress(packed(complete()))


async def judged(files: Files, seen: Backups | None = None) -> tuple[bool | None, str]:
    source = BackupsSource(files.environment, interval_s=60, timeout_s=5, clock=Fixed())
    backups = seen or await source.read()

    def snapshot() -> Snapshot:
        return Snapshot(
            at=NOW,
            readings={},
            histories={},
            health=Health(state=State.OK, word="healthy"),
            alerts=Alerts(at=NOW),
            backups=backups,
            disk=Disk(state=State.OK),
        )

    world = LiveWorld(
        files.environment,
        snapshot=snapshot,
        answers=None,  # type: ignore[arg-type]  # no deployment is asked about
        clock=Fixed(),
    )
    result = await CheckRunner(world, clock=Fixed()).check(parse_assertion(LINE, 1), {})
    return result.passed, result.detail


async def test_a_whole_backup_passes_and_is_known_to_be_whole_from_then_on(files: Files) -> None:
    files.write("hourly/a.tar.gz", WHOLE)
    assert (await judged(files))[0] is True
    (known,) = (await files.depot.stock()).known.values()
    assert known.proves


async def test_a_backup_is_read_again_however_well_it_is_remembered(files: Files) -> None:
    """What is about to be done may be what makes it the only copy."""
    path = files.write("a.tar.gz", WHOLE)
    assert (await judged(files))[0] is True
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(len(WHOLE) // 2)
        file.write(b"rot")
    files.write("a.tar.gz", path.read_bytes())
    assert path.stat().st_mtime == status.st_mtime
    passed, detail = await judged(files)
    assert passed is False
    assert "a.tar.gz is damaged" in detail


async def test_what_nobody_could_look_into_does_not_pass(files: Files) -> None:
    files.write("a.tar.gz.gpg", b"\x85\x01")
    passed, detail = await judged(files)
    assert passed is False
    assert "a.tar.gz.gpg is not proven: it is encrypted" in detail


async def test_a_backup_that_went_since_the_watch_saw_it_does_not_pass(files: Files) -> None:
    seen = Backups(state=State.OK, newest="gone.tar.gz", newest_at=NOW - timedelta(hours=1))
    passed, detail = await judged(files, seen)
    assert passed is False
    assert "not there any more" in detail


async def test_a_bucket_that_cannot_be_seen_takes_no_backup_of_the_directory_away(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write("a.tar.gz", WHOLE)
    monkeypatch.setenv("PATH", "/nowhere")
    files.settings = replace(files.settings, s3="s3://llm-config-backups")
    source = BackupsSource(files.environment, interval_s=60, timeout_s=5, clock=Fixed())
    backups = await source.read()
    assert (backups.state, backups.partly) == (State.UNKNOWN, True)
    assert "aws is not installed" in backups.fault
    assert backups.recovery is not None
    assert (await judged(files))[0] is True
