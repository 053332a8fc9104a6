"""``quarterdeck ledger``, run as a process."""

import csv
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.ledger.event import Draft
from procedures.ledger.sqlite_ledger import SqliteLedger

Ledger = Callable[..., subprocess.CompletedProcess[bytes]]


def variables(state: Path) -> dict[str, str]:
    return {**os.environ, "QUARTERDECK_STATE": str(state), "PYTHONWARNINGS": "error"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    def run(
        *words: str, state: Path = tmp_path / "state", stdin: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "tui", "ledger", *words],
            env=variables(state),
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


def record(state: Path, *subjects: str) -> Path:
    path = state / "ledger.db"
    store = SqliteLedger(path, clock=SystemClock())
    for subject in subjects:
        store.append(
            Draft(kind="run.noted", subject=subject, environment="dev", operator="o", body={"ü": 1})
        )
    store.close()
    return path


@pytest.mark.parametrize("verb", ["status", "verify", "export", "import"])
def test_each_verb_documents_its_exit_status(ledger: Ledger, verb: str) -> None:
    done = ledger(verb, "--help")
    assert done.returncode == 0
    assert b"exit status:" in done.stdout


def test_a_ledger_is_moved_to_another_machine(ledger: Ledger, tmp_path: Path) -> None:
    record(tmp_path / "state", "r-1", "\x1b[31m=r-2", "r-3")
    copy = tmp_path / "copy"
    exported = ledger("export")
    assert exported.returncode == 0
    assert exported.stdout.isascii()
    done = ledger("import", "-", state=copy, stdin=exported.stdout)
    assert (done.returncode, done.stdout) == (0, f"{copy}/ledger.db: 3 events added\n".encode())
    assert ledger("export", state=copy).stdout == exported.stdout
    done = ledger("import", "-", state=copy, stdin=exported.stdout)
    assert done.stdout.endswith(b": 0 events added, 3 were there already\n")
    assert ledger("verify", state=copy).returncode == 0


def test_a_file_of_one_s_own_is_written_once(ledger: Ledger, tmp_path: Path) -> None:
    record(tmp_path / "state", "r-1")
    target = tmp_path / "ledger.jsonl"
    assert ledger("export", "-o", str(target)).returncode == 0
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.read_bytes() == ledger("export").stdout
    done = ledger("export", "-o", str(target))
    assert done.returncode == 2
    assert b"exists already" in done.stderr
    assert target.read_bytes() == ledger("export").stdout
    done = ledger("import", str(target), state=tmp_path / "copy")
    assert done.returncode == 0


def test_a_disk_without_room_for_the_export_is_named(tmp_path: Path) -> None:
    record(tmp_path, "r-1")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tui", "ledger", "export"],
            env=variables(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert b"standard output cannot be written: No space left" in done.stderr


def test_events_are_chosen_by_time_position_and_story(ledger: Ledger, tmp_path: Path) -> None:
    path = record(tmp_path / "state", "r-1", "r-2", "r-1")
    store = SqliteLedger(path, clock=SystemClock(), read_only=True)
    second = store.events()[1].at.isoformat()
    store.close()

    def chosen(*words: str) -> list[int]:
        return [json.loads(line)["seq"] for line in ledger("export", *words).stdout.splitlines()]

    assert chosen("--after", "1") == [2, 3]
    assert chosen("--since", second) == [2, 3]
    assert chosen("--since", "2999-01-01") == []
    assert chosen("--subject", "r-1") == [1, 3]
    assert chosen("--subject", "r-1", "--after", "1") == [3]
    done = ledger("export", "--since", "yesterday")
    assert done.returncode == 2
    assert b"'yesterday' is no time" in done.stderr


def test_a_table_for_people_computes_nothing_and_steers_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    record(tmp_path / "state", "=cmd|' /C calc'!A0", "\x1b]0;title\x07@r", 'a "quoted", one')
    done = ledger("export", "--format", "csv")
    rows = list(csv.DictReader(done.stdout.decode().splitlines()))
    assert [row["subject"] for row in rows] == ["'=cmd|' /C calc'!A0", "'@r", 'a "quoted", one']
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("damage", [(b'"operator":"o"', b'"operator":"p"'), (b"{", b"")])
def test_a_line_that_is_wrong_is_named_and_nothing_is_imported(
    ledger: Ledger, tmp_path: Path, damage: tuple[bytes, bytes]
) -> None:
    record(tmp_path / "state", "r-1", "r-2", "r-3")
    lines = ledger("export").stdout.splitlines(keepends=True)
    lines[1] = lines[1].replace(*damage, 1)
    (tmp_path / "bad.jsonl").write_bytes(b"".join(lines))
    done = ledger("import", str(tmp_path / "bad.jsonl"), state=tmp_path / "copy")
    assert done.returncode == 1
    assert f"quarterdeck: {tmp_path}/bad.jsonl:2: ".encode() in done.stderr
    assert b"Nothing was imported" in done.stderr
    assert ledger("export", state=tmp_path / "copy").stdout == b""


def test_a_file_that_is_not_there_is_named(ledger: Ledger, tmp_path: Path) -> None:
    done = ledger("import", str(tmp_path / "none.jsonl"))
    assert done.returncode == 2
    assert b"none.jsonl cannot be read: No such file" in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("verb", ["status", "export"])
def test_a_missing_ledger_is_an_error(ledger: Ledger, tmp_path: Path, verb: str) -> None:
    done = ledger(verb)
    assert done.returncode == 2
    assert b"there is no ledger" in done.stderr
    assert not (tmp_path / "state").exists()


def test_events_that_were_verified_and_are_gone_break_the_chain_until_that_is_accepted(
    ledger: Ledger, tmp_path: Path
) -> None:
    record(tmp_path / "state", "r-1", "r-2")
    older = (tmp_path / "state" / "ledger.db").read_bytes()
    path = record(tmp_path / "state", "r-3")
    assert ledger("verify").returncode == 0
    path.write_bytes(older)
    done = ledger("verify")
    assert done.returncode == 1
    assert b"BROKEN at event 3: the newest events are missing: 3 was verified" in done.stdout
    assert b"--accept" in done.stdout
    assert ledger("verify", "--accept").returncode == 0
    assert ledger("verify").returncode == 0


def test_the_status_tells_how_much_there_is_and_what_was_verified(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = record(tmp_path / "state", "r-1", "r-2")
    done = ledger("status")
    assert done.returncode == 0
    assert done.stdout.startswith(f"{path}: 2 events".encode())
    assert b"last verified: never" in done.stdout
    ledger("verify")
    told = json.loads(ledger("status", "--json").stdout)
    assert (told["events"], told["verified_to"]) == (2, 2)
    assert told["size_bytes"] == path.stat().st_size
    assert told["first_at"] < told["last_at"]


def test_an_empty_ledger_has_a_status(ledger: Ledger, tmp_path: Path) -> None:
    record(tmp_path / "state")
    assert b": 0 events" in ledger("status").stdout


def test_a_short_walk_says_nothing_of_its_progress_on_a_terminal(tmp_path: Path) -> None:
    record(tmp_path, "r-1")
    controller, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "tui", "ledger", "verify"],
        env=variables(tmp_path),
        stdout=subprocess.PIPE,
        stderr=terminal,
        timeout=60,
        check=False,
    )
    os.close(terminal)
    os.set_blocking(controller, False)
    try:
        said = os.read(controller, 1000)
    except (BlockingIOError, OSError):
        said = b""
    os.close(controller)
    assert done.returncode == 0
    assert said == b""
