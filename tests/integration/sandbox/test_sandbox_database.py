"""The sandbox's PostgreSQL: what its programs say, and that the API serves what they leave."""

from collections.abc import Callable
from subprocess import CompletedProcess

import httpx
import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox

Shell = Callable[[str], CompletedProcess[str]]

METHOD = Method.DOCKER
PRELUDE = """
inside() { docker-compose exec -T postgres "$@"; }
sql() { inside psql -U llm_config_user -w -v ON_ERROR_STOP=1 "$@"; }
"""


@pytest.fixture
def database(shell: Shell) -> Shell:
    """Run a script that may say ``sql`` for psql, and ``inside`` for its container."""
    return lambda script: shell(PRELUDE + script)


def served(sandbox: Sandbox, key: str) -> int:
    """Return the status with which the API answers for a configuration."""
    assert sandbox.environment.api is not None
    url = f"{sandbox.environment.api.url}/api/v1/configs/app%2Fllm/{key}?env=production"
    return httpx.get(url, timeout=10).status_code


def test_a_restore_beside_the_database_in_use_changes_what_the_api_serves(
    sandbox: Sandbox, database: Shell
) -> None:
    done = database("""
        inside pg_dump -U llm_config_user -Fc llm_config > dump
        inside pg_restore -l < dump | grep 'TABLE DATA public configs'
        sql -d llm_config -Atc "DELETE FROM configs WHERE key = 'model'"
    """)
    assert done.returncode == 0, done.stderr
    assert served(sandbox, "model") == 404
    done = database("""
        inside createdb -U llm_config_user -O llm_config_user side
        inside pg_restore -U llm_config_user --no-owner --exit-on-error -d side < dump
        ! sql -d postgres -Atc "ALTER DATABASE llm_config RENAME TO old"
        docker-compose stop -t 1 llm-config-manager
        sql -d postgres -Atc "ALTER DATABASE llm_config RENAME TO old"
        sql -d postgres -Atc "ALTER DATABASE side RENAME TO llm_config"
        docker-compose up -d --wait llm-config-manager
    """)
    assert done.returncode == 0, done.stderr
    assert "is being accessed by other users" in done.stderr
    assert served(sandbox, "model") == 200
    assert database("inside dropdb -U llm_config_user old").returncode == 0


def test_without_its_database_the_service_answers_with_an_error(
    sandbox: Sandbox, database: Shell
) -> None:
    database("""
        docker-compose stop -t 1 llm-config-manager
        sql -d postgres -Atc "ALTER DATABASE llm_config RENAME TO aside"
        docker-compose up -d --wait llm-config-manager
    """)
    assert served(sandbox, "model") == 500
    database("""
        docker-compose stop -t 1 llm-config-manager
        sql -d postgres -Atc "ALTER DATABASE aside RENAME TO llm_config"
        docker-compose up -d --wait llm-config-manager
    """)
    assert served(sandbox, "model") == 200


def test_a_damaged_dump_is_refused(database: Shell) -> None:
    done = database("""
        inside pg_dump -U llm_config_user -Fc llm_config > dump
        head -c 200 dump > damaged
        inside pg_restore -l < damaged
    """)
    assert (done.returncode, "pg_restore: error" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("statement", "printed"),
    [
        ("SELECT count(*) FROM configs WHERE environment = 'production'", "13"),
        ("SELECT current_database() || ' ' || current_user", "llm_config llm_config_user"),
        ("SELECT pg_is_in_recovery()", "f"),
        ("SELECT count(*) > 0 FROM configs", "t"),
        ("SHOW max_connections", "100"),
        ("SELECT current_setting('max_connections')::int - 1", "99"),
        ("SELECT count(*) FROM pg_stat_activity WHERE datname = 'llm_config'", "13"),
        ("SELECT cardinality(pg_blocking_pids(1))", "0"),
        ("SELECT failed_count FROM pg_stat_archiver", "0"),
        ("SELECT pg_size_pretty(2048::bigint)", "2048 bytes"),
        ("SELECT now() > now() - interval '5 minutes'", "t"),
        ("SELECT extract(epoch FROM interval '1 hour')::int", "3600"),
        ("SELECT left(split_part('a-b', '-', 2), 1)", "b"),
        ("VACUUM (ANALYZE) configs", "VACUUM"),
        ("ALTER SYSTEM SET work_mem = '8MB'", "ALTER SYSTEM"),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS by_key ON configs (key)", "CREATE INDEX"),
        ("DROP INDEX CONCURRENTLY by_key", "DROP INDEX"),
    ],
)
def test_a_statement_is_answered_as_the_server_does(
    database: Shell, statement: str, printed: str
) -> None:
    done = database(f'sql -d llm_config -Atc "{statement}"')
    assert (done.stdout.strip(), done.returncode) == (printed, 0), done.stderr


@pytest.mark.parametrize(
    ("script", "status", "complaint"),
    [
        ('sql -d llm_config -c "SELECT * FROM gone"', 1, 'relation "gone" does not'),
        ('sql -d llm_config -c "SELECT gone FROM configs"', 1, 'column "gone" does not'),
        ('sql -d nowhere -c "SELECT 1"', 2, 'database "nowhere" does not exist'),
        ("inside psql -U postgres -d llm_config -c 'SELECT 1'", 2, 'role "postgres" does not'),
        ("echo 'SELECT x; SELECT 1;' | sql -d llm_config", 3, 'column "x" does not exist'),
        ('sql -d llm_config -c "MERGE INTO configs"', 64, "the sandbox does not know"),
        ("inside createdb -U llm_config_user llm_config", 1, "already exists"),
        ("inside dropdb -U llm_config_user nowhere", 1, "does not exist"),
    ],
)
def test_what_goes_wrong_is_said_in_the_clients_words(
    database: Shell, script: str, status: int, complaint: str
) -> None:
    done = database(script)
    assert (done.returncode, complaint in done.stderr) == (status, True), done.stderr


def test_a_session_keeps_its_temporary_tables_and_takes_back_what_it_has_begun(
    database: Shell,
) -> None:
    done = database("""
        sql -d llm_config -At -c "CREATE TEMP TABLE probe (at timestamptz)" \
            -c "INSERT INTO probe VALUES (now())" -c "SELECT count(*) FROM probe"
        sql -d llm_config -Atq <<'SQL'
        BEGIN;
        DELETE FROM configs;
        ROLLBACK;
        SELECT count(*) > 0 FROM configs;
SQL
    """)
    assert done.stdout.split("\n") == ["CREATE TABLE", "INSERT 0 1", "1", "t", ""]


def test_rows_leave_as_csv_and_come_back(database: Shell) -> None:
    done = database("""
        sql -d llm_config -c "CREATE TABLE staging AS SELECT * FROM configs WHERE 1 = 0" -q
        sql -d llm_config -c "\\copy (SELECT * FROM configs WHERE namespace = 'app/llm') \
TO STDOUT WITH CSV HEADER" > rows.csv
        sql -d llm_config -c "\\copy staging FROM STDIN WITH CSV HEADER" < rows.csv
        sql -d llm_config -Atc "SELECT count(DISTINCT key) FROM staging"
        sql -d llm_config -c "DROP TABLE staging" -q
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "4"


def test_a_base_backup_is_verified_and_a_changed_one_is_not(database: Shell) -> None:
    done = database("""
        inside pg_basebackup -U llm_config_user -D - -Ft -z -X fetch > base.tar.gz
        mkdir base && tar -xzf base.tar.gz -C base
        grep 'START TIME' base/backup_label
        tar -tzf base.tar.gz | grep -x global/pg_control
    """)
    assert done.returncode == 0, done.stderr
