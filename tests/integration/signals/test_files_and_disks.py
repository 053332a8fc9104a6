import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold
from procedures.signals.backups_source import BackupsSource
from procedures.signals.disk_source import DiskSource

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


class _Fixed:
    def now(self) -> datetime:
        return NOW


def _backups(folder: Path) -> BackupsSource:
    environment = Environment(
        name="here", tier=Tier.STAGING, method=Method.DOCKER, backup_dir=folder
    )
    return BackupsSource(environment, interval_s=60, timeout_s=5, clock=_Fixed())


def _made(folder: Path, name: str, *, hours_ago: float, content: bytes = b"x") -> None:
    path = folder / name
    path.write_bytes(content)
    at = (NOW - timedelta(hours=hours_ago)).timestamp()
    os.utime(path, (at, at))


async def test_the_newest_backup_counts(tmp_path: Path) -> None:
    _made(tmp_path, "old.tar.gz", hours_ago=30)
    _made(tmp_path, "new.tar.gz", hours_ago=25, content=b"12345")
    _made(tmp_path, "new.tar.gz.sha256", hours_ago=0)
    _made(tmp_path, ".partial.tar.gz", hours_ago=0)
    backups = await _backups(tmp_path).read()
    assert (backups.state, backups.newest, backups.count) == (State.OK, "new.tar.gz", 2)
    assert backups.size_bytes == 5
    assert backups.newest_at == NOW - timedelta(hours=25)


async def test_a_backup_that_is_too_old_is_critical(tmp_path: Path) -> None:
    _made(tmp_path, "a.tar.gz", hours_ago=25.1)
    backups = await _backups(tmp_path).read()
    assert backups.state is State.CRITICAL
    assert backups.fault == "the newest backup is 25.1 h old; 25 h are allowed"


async def test_an_empty_file_is_no_backup_to_rely_on(tmp_path: Path) -> None:
    _made(tmp_path, "a.tar.gz", hours_ago=1, content=b"")
    assert (await _backups(tmp_path).read()).fault == "the newest backup is empty"


async def test_no_backup_at_all_is_critical(tmp_path: Path) -> None:
    backups = await _backups(tmp_path).read()
    assert (backups.state, backups.fault) == (State.CRITICAL, "there is no backup")


async def test_a_directory_that_cannot_be_read_is_a_fault_and_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        await _backups(tmp_path / "gone").read()


async def test_the_disk_is_held_against_the_threshold(tmp_path: Path) -> None:
    for threshold, state in (
        (Threshold(target=101, critical=102), State.OK),
        (Threshold(target=-2, critical=-1), State.CRITICAL),
    ):
        source = DiskSource(
            tmp_path, threshold=threshold, interval_s=30, timeout_s=5, clock=_Fixed()
        )
        disk = await source.read()
        assert disk.state is state
        assert 0 < disk.free_bytes < disk.total_bytes
