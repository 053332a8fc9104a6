"""The shared ledger in a real server: who is let in, and what the others hear."""

import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from procedures.clock import SystemClock
from procedures.environment import Secret
from procedures.errors import LedgerError, LedgerUnreachableError
from procedures.ledger.address import LedgerAddress
from procedures.ledger.choose import open_ledger
from procedures.ledger.event import Ledger
from procedures.ledger.postgres import door, listener
from procedures.ledger.postgres.postgres_ledger import PostgresLedger
from procedures.ledger.postgres.schema import grants
from tests.integration.ledger.stores import Store, note
from tests.postgres_server import PASSWORDS, PostgresServer, free_port, server_home

pytestmark = pytest.mark.postgres

HOUR_S = 3600.0


def opened(address: LedgerAddress, *, read_only: bool = False) -> Ledger:
    return open_ledger(Path("unused"), address, clock=SystemClock(), read_only=read_only)


def refusal(address: LedgerAddress, *, read_only: bool = False) -> LedgerError:
    with pytest.raises(LedgerError) as refused:
        opened(address, read_only=read_only)
    for password in PASSWORDS.values():
        assert password not in f"{refused.value} {refused.value.__cause__}"
    return refused.value


def wait_for(server: PostgresServer, question: str) -> None:
    """Ask the server until it says t."""
    deadline = monotonic() + 30
    while server.sql(question) != "t":
        assert monotonic() < deadline, question


def listens(server: PostgresServer, database: str) -> None:
    wait_for(
        server,
        "SELECT count(*) > 0 FROM pg_stat_activity "  # noqa: S608 - a name of our own
        f"WHERE datname = '{database}' AND state = 'idle' AND query LIKE 'LISTEN%'",
    )


def test_another_console_is_woken_by_the_server_itself(
    team_ledger: PostgresLedger,
    shared: Store,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOOK_S", "SURE_LOOK_S"):
        monkeypatch.setattr(listener, name, HOUR_S)
    follower = shared.open()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(follower.wait, 0, HOUR_S)
        listens(postgres, shared.database)
        team_ledger.append(note())
        assert waiting.result(30)
        for number in range(1, 20):
            waiting = pool.submit(follower.wait, number, HOUR_S)
            team_ledger.append(note())
            assert waiting.result(30)


def test_whoever_waits_is_not_misled_by_what_others_announce(
    team_ledger: PostgresLedger, shared: Store, postgres: PostgresServer
) -> None:
    assert not team_ledger.wait(0, 0.0)
    listens(postgres, shared.database)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(team_ledger.wait, 0, HOUR_S)
        for words in ("999999", "-1", "nonsense", ""):
            postgres.sql(f"NOTIFY quarterdeck, '{words}'", shared.database)
        assert not waiting.done()
        team_ledger.append(note())
        assert waiting.result(30)


@pytest.mark.parametrize("kind", ["inline", "env", "file", "command"])
def test_the_password_comes_from_where_the_settings_say(
    shared: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORDS['ada']}\n")
    monkeypatch.setenv("LEDGER_PASSWORD", PASSWORDS["ada"])
    secret = {
        "inline": Secret(inline=PASSWORDS["ada"]),
        "env": Secret(env="LEDGER_PASSWORD"),
        "file": Secret(file=tmp_path / "password"),
        "command": Secret(command=("cat", str(tmp_path / "password"))),
    }[kind]
    assert shared.address
    ledger = opened(replace(shared.address, password=secret))
    assert ledger.append(note()).seq == 1
    ledger.close()


def test_the_client_s_own_password_file_will_do(
    shared: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pgpass"
    password = PASSWORDS["ada"].replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"127.0.0.1:*:*:ada:{password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert shared.address
    ledger = opened(replace(shared.address, password=None))
    assert ledger.append(note()).seq == 1
    ledger.close()


def test_a_wrong_password_is_said_and_not_repeated(shared: Store) -> None:
    assert shared.address
    error = refusal(replace(shared.address, password=Secret(inline="Tr0ub4dor&3")))
    assert "refused the password" in error.what
    assert "Tr0ub4dor&3" not in f"{error}"
    assert not isinstance(error, LedgerUnreachableError)


def test_a_password_that_cannot_be_had_is_said(shared: Store, tmp_path: Path) -> None:
    assert shared.address
    error = refusal(replace(shared.address, password=Secret(file=tmp_path / "none")))
    assert "the password of the ledger" in error.what


def test_a_password_that_changed_is_read_again(
    postgres: PostgresServer, shared: Store, tmp_path: Path
) -> None:
    assert shared.address
    postgres.sql("CREATE ROLE changing LOGIN SUPERUSER PASSWORD 'old'")
    file = tmp_path / "password"
    file.write_text("old")
    url = shared.address.url.replace("ada@", "changing@")
    ledger = opened(LedgerAddress(url=url, password=Secret(file=file)))
    postgres.sql("ALTER ROLE changing PASSWORD 'new'")
    hang_up(postgres)
    with pytest.raises(LedgerUnreachableError, match="refused the password"):
        ledger.append(note())
    file.write_text("new")
    assert ledger.append(note()).seq == 1
    ledger.close()


def hang_up(server: PostgresServer) -> None:
    server.sql(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE application_name = 'quarterdeck'"
    )


def test_the_server_proves_who_it_is(
    postgres: PostgresServer, shared: Store, tmp_path: Path
) -> None:
    demanding = postgres.address(shared.database, options="?sslmode=require")
    assert "cannot be reached over TLS" in refusal(demanding).what
    with postgres.certified() as certificate:
        opened(demanding).close()
        verified = f"?sslmode=verify-full&sslrootcert={certificate}"
        ledger = opened(postgres.address(shared.database, options=verified))
        assert ledger.append(note()).seq == 1
        ledger.close()
        another = tmp_path / "another.crt"
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=other"]
        subprocess.run(
            [*words, "-out", another, "-keyout", "/dev/null"], check=True, capture_output=True
        )
        forged = f"?sslmode=verify-full&sslrootcert={another}"
        error = refusal(postgres.address(shared.database, options=forged))
        assert "cannot be reached over TLS" in error.what
        assert not isinstance(error, LedgerUnreachableError)
    missing = f"?sslmode=verify-full&sslrootcert={tmp_path}/none.crt"
    assert "is no file" in refusal(postgres.address(shared.database, options=missing)).what


def test_a_database_that_is_not_there_is_named(postgres: PostgresServer) -> None:
    error = refusal(postgres.address("nowhere"))
    assert f"127.0.0.1:{postgres.port}/nowhere does not exist" in error.what
    assert not isinstance(error, LedgerUnreachableError)


def test_a_server_that_is_not_there_may_come() -> None:
    error = refusal(LedgerAddress(url=f"postgresql://ada@127.0.0.1:{free_port()}/team"))
    assert isinstance(error, LedgerUnreachableError)
    assert "cannot be reached" in error.what


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CONNECT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refusal(
            LedgerAddress(url=f"postgresql://ada@127.0.0.1:{silent.getsockname()[1]}/x")
        )
    assert isinstance(error, LedgerUnreachableError)
    assert "does not answer in time" in error.what


def test_an_address_with_a_password_in_it_is_refused(shared: Store) -> None:
    for url in ("postgresql://ada:pw@127.0.0.1/team", "postgresql://ada@127.0.0.1/t?password=pw"):
        assert "holds a password" in refusal(LedgerAddress(url=url)).what


def test_who_may_not_create_the_ledger_is_told_who_may(
    postgres: PostgresServer, shared: Store
) -> None:
    error = refusal(postgres.address(shared.database, user="grace"))
    assert "there is no ledger in" in error.what
    assert "grace may not create it" in error.what


def test_who_may_not_record_is_told_what_to_have_granted(
    postgres: PostgresServer, shared: Store, team_ledger: PostgresLedger
) -> None:
    team_ledger.append(note())
    grace = postgres.address(shared.database, user="grace")
    error = refusal(grace)
    assert "may not be used by this user" in error.what
    postgres.sql(
        "GRANT USAGE ON SCHEMA quarterdeck TO grace; "
        "GRANT SELECT ON ALL TABLES IN SCHEMA quarterdeck TO grace",
        shared.database,
    )
    assert "cannot be written by grace" in refusal(grace).what
    reader = opened(grace, read_only=True)
    assert reader.verify().events == 1
    reader.close()
    postgres.sql(error.fix.removeprefix("Let its owner run: "), shared.database)
    ledger = opened(grace)
    assert ledger.append(note()).seq == 2
    ledger.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quarterdeck.event SET body = '{}'",
        "DELETE FROM quarterdeck.event",
        "TRUNCATE quarterdeck.event",
        "ALTER TABLE quarterdeck.event DISABLE TRIGGER USER",
        "DROP TABLE quarterdeck.event",
    ],
)
def test_who_may_record_may_not_rewrite(
    postgres: PostgresServer, shared: Store, team_ledger: PostgresLedger, statement: str
) -> None:
    team_ledger.append(note())
    postgres.sql(grants("grace"), shared.database)
    with pytest.raises(AssertionError, match=r"permission denied|must be owner"):
        postgres.sql(statement, shared.database, user="grace")
    assert team_ledger.verify().events == 1


def test_not_even_the_owner_empties_the_table_unawares(
    postgres: PostgresServer, shared: Store, team_ledger: PostgresLedger
) -> None:
    team_ledger.append(note())
    with pytest.raises(AssertionError, match="append-only"):
        postgres.sql("TRUNCATE quarterdeck.event", shared.database, user="ada")
    assert team_ledger.verify().events == 1


def test_a_database_that_only_lets_read_is_read(postgres: PostgresServer, shared: Store) -> None:
    shared.open().append(note())
    postgres.sql(f"ALTER DATABASE {shared.database} SET default_transaction_read_only = on")
    assert "only lets this role read" in refusal(postgres.address(shared.database)).what
    assert shared.open(read_only=True).verify().events == 1


def test_a_replica_is_read_and_follows(
    postgres: PostgresServer, shared: Store, team_ledger: PostgresLedger
) -> None:
    team_ledger.append(note())
    with server_home() as home:
        replica = postgres.standby(home)
        try:
            address = replica.address(shared.database)
            assert "only lets this role read" in refusal(address).what
            reader = opened(address, read_only=True)
            team_ledger.append(note())
            assert reader.wait(1, 30.0)
            assert reader.verify().events == 2
            reader.close()
            both = f"127.0.0.1:{replica.port},127.0.0.1:{postgres.port}"
            url = f"postgresql://ada@{both}/{shared.database}?target_session_attrs=read-write"
            ledger = opened(LedgerAddress(url=url, password=Secret(inline=PASSWORDS["ada"])))
            assert ledger.append(note()).seq == 3
            ledger.close()
        finally:
            replica.stop()


def test_a_database_of_something_else_is_left_alone(
    postgres: PostgresServer, shared: Store
) -> None:
    postgres.sql("CREATE SCHEMA quarterdeck; CREATE TABLE quarterdeck.boat (name text)",
                 shared.database)  # fmt: skip
    assert "is not a ledger" in refusal(postgres.address(shared.database)).what
    tables = "SELECT string_agg(relname, ',') FROM pg_class WHERE relnamespace = 'quarterdeck'"
    assert postgres.sql(f"{tables}::regnamespace", shared.database) == "boat"


def test_a_schema_that_its_administrator_prepared_is_used(
    postgres: PostgresServer, shared: Store
) -> None:
    postgres.sql("CREATE SCHEMA quarterdeck AUTHORIZATION grace", shared.database)
    ledger = opened(postgres.address(shared.database, user="grace"))
    assert ledger.append(note()).seq == 1
    ledger.close()


def test_a_database_of_another_encoding_is_refused(postgres: PostgresServer) -> None:
    postgres.sql("CREATE DATABASE ascii OWNER ada ENCODING SQL_ASCII TEMPLATE template0 LC_COLLATE "
                 "'C' LC_CTYPE 'C'")  # fmt: skip
    assert "is not in UTF8 but in SQL_ASCII" in refusal(postgres.address("ascii")).what


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_the_database_s_usual_isolation_does_not_matter(
    postgres: PostgresServer, shared: Store, level: str
) -> None:
    postgres.sql(f"ALTER DATABASE {shared.database} SET default_transaction_isolation = '{level}'")
    consoles = [shared.open() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: consoles[n % 4].append(note(n=n)), range(40)))
    assert consoles[0].verify().events == 40
