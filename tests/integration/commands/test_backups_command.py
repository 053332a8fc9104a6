"""``quarterdeck backups``, run as a process."""

import gzip
import json
import os
import pty
import signal
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.backups.depot_of_files import complete, packed
from tests.integration.commands.workshop import Workshop

WHOLE = gzip.compress(packed(complete()))


@pytest.fixture
def backups(workshop: Workshop) -> Path:
    """A directory of backups that the settings name: an hourly and a daily one."""
    directory = workshop.path / "backups"
    directory.mkdir()
    ask(workshop, "")
    write(directory / "backup-hourly-x.tar.gz", WHOLE, minutes_ago=40.5)
    write(directory / "backup-daily-x.tar.gz", WHOLE, minutes_ago=599.5)
    return directory


def ask(workshop: Workshop, more: str) -> None:
    workshop.configure()
    with workshop.settings.open("a") as settings:
        settings.write(f'[environment.here.backups]\ndirectory = "backups"\n{more}')


def write(path: Path, content: bytes, *, minutes_ago: float) -> None:
    path.write_bytes(content)
    at = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).timestamp()
    os.utime(path, (at, at))


def test_ages_schedules_and_the_recovery_point_are_listed(
    workshop: Workshop, backups: Path
) -> None:
    listed = workshop.run("backups", "list")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.startswith("● OK  2 backups\n")
    assert "recovery point 41m of 60m" in listed.stdout
    assert "● hourly   4" in listed.stdout
    assert "backup-daily-x.tar.gz" in listed.stdout


def test_programs_get_the_same(workshop: Workshop, backups: Path) -> None:
    told = workshop.asked("backups", "list")
    assert (told["state"], told["recovery"]["state"]) == ("ok", "ok")
    assert 40 * 60 <= told["recovery"]["loss_s"] < 42 * 60
    assert [each["schedule"] for each in told["schedules"]] == ["hourly", "daily"]
    assert [each["verified"] for each in told["backups"]] == [None, None]


def test_the_exit_status_is_that_of_a_monitoring_plugin(workshop: Workshop, backups: Path) -> None:
    write(backups / "backup-hourly-x.tar.gz", WHOLE, minutes_ago=91)
    assert workshop.run("backups", "list").returncode == 1
    ask(workshop, 'rpo = "1h"\n')
    assert workshop.run("backups", "list").returncode == 2
    ask(workshop, 'schedules = { weekly = "8d" }\n')
    assert "there is no weekly backup" in workshop.run("backups", "list").stdout
    (backups / "backup-hourly-x.tar.gz").unlink()
    (backups / "backup-daily-x.tar.gz").unlink()
    backups.rmdir()
    gone = workshop.run("backups", "list")
    assert gone.returncode == 3
    assert "No such file" in gone.stderr


def test_what_was_verified_is_remembered(workshop: Workshop, backups: Path) -> None:
    done = workshop.run("backups", "verify")
    assert done.returncode == 0, done.stderr
    assert "✓ backup-hourly-x.tar.gz: verified" in done.stdout
    assert "✓ manifest" in done.stdout
    assert done.stderr == "", "no terminal, no progress"
    told = workshop.asked("backups", "list")
    assert told["recovery"]["verified"] is True
    assert [each["verified"]["outcome"] for each in told["backups"]] == ["verified"] * 2


def test_a_damaged_backup_fails_the_command_and_is_told_from_then_on(
    workshop: Workshop, backups: Path
) -> None:
    write(backups / "backup-hourly-x.tar.gz", WHOLE[:-9], minutes_ago=40.5)
    done = workshop.run("backups", "verify", "backup-hourly-x.tar.gz", "--json")
    assert done.returncode == 1
    assert '"outcome": "damaged"' in done.stdout
    listed = workshop.run("backups", "list")
    assert listed.returncode == 2
    assert "the newest backup is damaged" in listed.stdout
    assert "recovery point 600m of 60m" in listed.stdout
    checked = workshop.run("check")
    assert "recovery point" in checked.stdout


def test_a_name_that_is_not_there_is_answered_with_advice(
    workshop: Workshop, backups: Path
) -> None:
    done = workshop.run("backups", "verify", "backup-hourli-x.tar.gz")
    assert done.returncode == 2
    assert "Did you mean 'backup-hourly-x.tar.gz'?" in done.stderr


def test_settings_without_a_place_of_backups_are_told(workshop: Workshop) -> None:
    for verb, status in (("list", 3), ("verify", 2)):
        done = workshop.run("backups", verb)
        assert done.returncode == status
        assert "names no place of backups" in done.stderr


def test_the_embedded_sandbox_has_a_backup_that_is_whole(workshop: Workshop) -> None:
    verified = workshop.run("backups", "verify", "--sandbox", "--method", "systemd")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "3 files are what SHA256SUMS says" in verified.stdout
    listed = workshop.run("backups", "list", "--sandbox", "--json")
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout)["recovery"]["verified"] is True


def test_a_terminal_sees_how_far_the_reading_is(workshop: Workshop, backups: Path) -> None:
    content = gzip.compress(packed({"x": os.urandom(24 * 1024**2)}), 1)
    write(backups / "backup-hourly-x.tar.gz", content, minutes_ago=1)
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        workshop.argv("backups", "verify"),
        env=workshop.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # the terminal ends with whoever writes to it
        while chunk := os.read(ours, 4096):
            seen += chunk
    os.close(ours)
    assert done.wait(60) == 0
    text = seen.decode()
    assert "% " in text
    assert "backup-hourly-x.tar.gz" in text
    assert text.endswith("\r\x1b[K"), "nothing is left of it"


def test_an_interrupt_ends_the_reading(workshop: Workshop, backups: Path) -> None:
    (backups / "a.dump").write_bytes(b"PGDMP" + bytes(1024**2))
    tools = workshop.path / "tools"
    tools.mkdir()
    (tools / "pg_restore").write_text('#!/bin/sh\necho "$$" >"$0.pid"\nexec sleep 1000\n')
    (tools / "pg_restore").chmod(0o755)
    os.mkfifo(tools / "pg_restore.pid")
    variables = {**workshop.variables, "PATH": f"{tools}:{os.environ['PATH']}"}
    with subprocess.Popen(
        workshop.argv("backups", "verify", "a.dump"), env=variables, stdout=subprocess.DEVNULL
    ) as process:
        reader = int((tools / "pg_restore.pid").read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)
