"""Which files of a real directory are backups."""

import os
from pathlib import Path

import pytest

from procedures.backups.values import Kind
from procedures.errors import SourceError
from procedures.reference.backups import Schedule
from tests.integration.backups.depot_of_files import Files


async def test_the_directories_of_schedules_and_of_the_procedures_are_looked_into(
    files: Files,
) -> None:
    for path in (
        "backup-daily-20260304T020000Z.tar.gz",
        "hourly/backup-20260304T110000Z.tar.gz",
        "weekly/database/x.dump",
        "database/database-20260304T020000Z.dump",
        "files/files-20260304T020000Z.tar.gz",
        ".work/full/archive.tar.gz",
        ".trash/old.tar.gz",
        "before/old.tar.gz",
        "daily/unrelated/x.tar.gz",
    ):
        files.write(path, b"x")
    found = await files.found()
    assert {path: (each.kind, each.schedule) for path, each in found.items()} == {
        "backup-daily-20260304T020000Z.tar.gz": (Kind.COMPLETE, Schedule.DAILY),
        "hourly/backup-20260304T110000Z.tar.gz": (Kind.COMPLETE, Schedule.HOURLY),
        "weekly/database/x.dump": (Kind.DATABASE, Schedule.WEEKLY),
        "database/database-20260304T020000Z.dump": (Kind.DATABASE, None),
        "files/files-20260304T020000Z.tar.gz": (Kind.FILES, None),
    }


async def test_the_link_to_the_newest_does_not_count_twice_and_a_pipe_not_at_all(
    files: Files,
) -> None:
    files.write("database/a.dump", b"x")
    (files.directory / "database" / "newest").symlink_to("a.dump")
    (files.directory / "newest.tar.gz").symlink_to("/dev/zero")
    os.mkfifo(files.directory / "pipe.tar.gz")
    (files.directory / "folder.tar").mkdir()
    assert list(await files.found()) == ["database/a.dump"]


async def test_a_directory_that_links_into_itself_ends(files: Files) -> None:
    (files.directory / "daily").symlink_to(files.directory)
    files.write("a.tar", b"x")
    assert "daily/daily/a.tar" in await files.found()


async def test_a_directory_that_is_gone_is_told_with_what_to_do(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.directory.rmdir()
    with pytest.raises(SourceError, match="No such file") as caught:
        await files.found()
    assert "backup_dir" in caught.value.fix


async def test_a_folder_of_configurations_with_its_checksums_is_one_backup(files: Files) -> None:
    files.write("configuration/20260304T020000Z/production.yaml", b"x: 1\n")
    files.write("configuration/20260304T020000Z/images.txt", b"y\n")
    files.write("configuration/20260304T020000Z.sha256", b"")
    files.write("configuration/20260303T020000Z/without-checksums.yaml", b"x: 1\n")
    (files.directory / "configuration" / "newest").symlink_to("20260304T020000Z")
    (backup,) = (await files.found()).values()
    assert (backup.path, backup.size_bytes) == ("configuration/20260304T020000Z", 7)
    assert (backup.kind, backup.is_folder) == (Kind.CONFIGURATION, True)
