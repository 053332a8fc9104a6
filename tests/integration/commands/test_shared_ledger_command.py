"""``quarterdeck ledger`` where the settings name a team's database, run as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.ledger.choose import open_ledger, outbox_for
from procedures.ledger.event import Draft, Ledger
from procedures.ledger.sqlite_ledger import SqliteLedger
from tests.postgres_server import PASSWORDS, PostgresServer, free_port

pytestmark = pytest.mark.postgres

Command = Callable[..., subprocess.CompletedProcess[str]]


def note(text: str = "") -> Draft:
    return Draft(kind="run.noted", subject="r", environment="e", operator="ada", body={"t": text})


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    return postgres.database()


@pytest.fixture
def team(postgres: PostgresServer, database: str) -> Iterator[Ledger]:
    """The ledger in the server, as another console has it open."""
    ledger = open_ledger(Path("unused"), postgres.address(database), clock=SystemClock())
    yield ledger
    ledger.close()


def settings(path: Path, url: str) -> Path:
    path.write_text(
        f'[ledger]\nurl = "{url}"\npassword = {{ env = "LEDGER_PASSWORD" }}\n'
        '[environment.prod]\ntier = "production"\nmethod = "docker"\nhealth = "http://svc/health"\n'
    )
    return path


@pytest.fixture
def command(postgres: PostgresServer, database: str, tmp_path: Path) -> Command:
    config = settings(tmp_path / "settings.toml", postgres.address(database).url)

    def run(
        *words: str, stdin: str = "", password: str = PASSWORDS["ada"], config: Path = config
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tui", "ledger", *words],
            env={
                **os.environ,
                "QUARTERDECK_STATE": str(tmp_path / "state"),
                "QUARTERDECK_CONFIG": str(config),
                "LEDGER_PASSWORD": password,
                "PYTHONWARNINGS": "error",
            },
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_every_verb_is_about_the_team_s_ledger(
    command: Command, team: Ledger, postgres: PostgresServer, database: str, tmp_path: Path
) -> None:
    team.append(note("ü"))
    team.append(note())
    place = f"127.0.0.1:{postgres.port}/{database}"
    done = command("status")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{place}: 2 events\n")
    assert command("verify").stdout == f"{place}: intact, 2 events\n"
    told = json.loads(command("status", "--json").stdout)
    assert (told["ledger"], told["events"], told["verified_to"]) == (place, 2, 2)
    assert (told["size_bytes"], told["waiting"], told["waiting_since"]) == (None, 0, None)
    lines = command("export").stdout
    assert [json.loads(line)["seq"] for line in lines.splitlines()] == [1, 2]
    done = command("import", "-", stdin=lines)
    assert done.stdout == f"{place}: 0 events added, 2 were there already\n"
    assert not (tmp_path / "state" / "ledger.db").exists()


def test_the_machine_s_own_ledger_moves_into_the_team_s_with_its_hashes(
    command: Command, team: Ledger, tmp_path: Path
) -> None:
    own = SqliteLedger(tmp_path / "state" / "ledger.db", clock=SystemClock())
    for number in range(3):
        own.append(note(str(number)))
    own.close()
    lines = command("export", "--local").stdout
    assert command("import", "-", stdin=lines).returncode == 0
    assert command("export").stdout == lines
    assert command("verify", "--local").stdout.startswith(f"{tmp_path}/state/ledger.db: intact, 3")


def test_a_broken_chain_in_the_database_is_named(
    command: Command, team: Ledger, postgres: PostgresServer, database: str
) -> None:
    for _ in range(3):
        team.append(note())
    assert command("verify").returncode == 0
    postgres.sql(
        "ALTER TABLE quarterdeck.event DISABLE TRIGGER USER;"
        "UPDATE quarterdeck.event SET operator = 'grace' WHERE seq = 2",
        database,
    )
    done = command("verify")
    assert done.returncode == 1
    assert "BROKEN at event 2: its content was altered" in done.stdout
    assert "Keep the database as it is" in done.stdout


def test_each_ledger_has_a_note_of_its_own_of_what_was_verified(
    command: Command, team: Ledger, postgres: PostgresServer, tmp_path: Path
) -> None:
    for _ in range(3):
        team.append(note())
    assert command("verify").returncode == 0
    address = postgres.address(postgres.database())
    other = settings(tmp_path / "other.toml", address.url)
    done = command("status", config=other)
    assert (done.returncode, "there is no ledger in" in done.stderr) == (2, True)
    open_ledger(Path("unused"), address, clock=SystemClock()).close()
    done = command("verify", config=other)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((tmp_path / "state").glob("ledger-*.verified"))) == 1


def test_facts_that_wait_are_told_also_while_the_ledger_does_not_answer(
    command: Command,
    team: Ledger,
    postgres: PostgresServer,
    database: str,
    tmp_path: Path,
) -> None:
    outbox = outbox_for(tmp_path / "state" / "ledger.db", postgres.address(database))
    assert outbox
    at = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
    outbox.keep(note("one"), at)
    outbox.keep(note("two"), at)
    done = command("status")
    assert done.returncode == 0
    assert "2 facts wait on this machine to be shared, since\n  2026-03-04 03:12 UTC" in done.stdout
    told = json.loads(command("status", "--json").stdout)
    assert (told["waiting"], told["waiting_since"]) == (2, "2026-03-04T03:12:00+00:00")
    postgres.stop("fast")
    try:
        done = command("status")
    finally:
        postgres.start()
    assert done.returncode == 2
    assert "2 facts wait on this machine" in done.stdout
    assert "cannot be reached" in done.stderr


def test_what_is_wrong_with_the_way_in_is_told_and_no_secret(
    command: Command, team: Ledger, postgres: PostgresServer, tmp_path: Path
) -> None:
    wrong_password = "Tr0ub4dor&3"  # noqa: S105 - it opens nothing
    done = command("status", password=wrong_password)
    assert done.returncode == 2
    assert "refused the password" in done.stderr
    assert "Traceback" not in done.stderr
    assert wrong_password not in done.stderr
    done = command("status", password="")
    assert "LEDGER_PASSWORD is empty" in done.stderr
    nowhere = settings(tmp_path / "n.toml", f"postgresql://ada@127.0.0.1:{free_port()}/team")
    assert "cannot be reached" in command("verify", config=nowhere).stderr
    wrong = settings(tmp_path / "w.toml", "postgresql://ada:pw@127.0.0.1/team")
    done = command("verify", config=wrong)
    assert (done.returncode, f"{wrong}:2: ledger.url: carries a pass" in done.stderr) == (2, True)


def test_the_settings_are_tried_without_creating_a_ledger(
    postgres: PostgresServer, database: str, tmp_path: Path
) -> None:
    def check(url: str) -> dict[str, object]:
        config = settings(tmp_path / "settings.toml", url)
        done = subprocess.run(
            [sys.executable, "-m", "tui", "config", "check", "--json", "--config", str(config)],
            env={**os.environ, "LEDGER_PASSWORD": PASSWORDS["ada"], "PYTHONWARNINGS": "error"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        trials = json.loads(done.stdout)["trials"]
        (trial,) = [each for each in trials if each["environment"] == "ledger"]
        assert trial["key"] == "url"
        return {key: trial[key] for key in ("passed", "said")}

    url = postgres.address(database).url
    for _ in range(2):
        assert check(url) == {"passed": True, "said": "answers, and holds no ledger yet"}
    ledger = open_ledger(Path("unused"), postgres.address(database), clock=SystemClock())
    ledger.append(note())
    ledger.close()
    assert check(url) == {"passed": True, "said": "answers, and holds 1 events"}
    trial = check(postgres.address("nowhere").url)
    assert not trial["passed"]
    assert "does not exist" in str(trial["said"])
