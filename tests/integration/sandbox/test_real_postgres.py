"""The database's commands against a real PostgreSQL, in place of the sandbox's own.

What the procedures write is held against the server that they are written for: every statement
that only reads, and the whole way of a restore beside the database in use.
"""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.reference.levels import Level
from procedures.runbook.catalogue import load
from procedures.sandbox.launcher import Sandbox, start
from procedures.sandbox.pace import Pace
from procedures.sandbox.postgres.real import VARIABLE
from procedures.targets.variables import step_variables
from tests.integration.sandbox.postgres_server import server

pytestmark = pytest.mark.postgres

FAST = Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=1.0)
Shell = Callable[..., subprocess.CompletedProcess[str]]
PSQL = 'docker-compose exec -T postgres psql -U "$DATABASE_USER" -w -v ON_ERROR_STOP=1'
READING = [
    pytest.param(command.script, procedure.inputs, id=f"{procedure.id}: {step.title}")
    for procedure in load().procedures
    if Method.DOCKER in procedure.methods
    for step in procedure.steps
    if (command := step.command_for(Method.DOCKER))
    and command.level is Level.READ
    and "psql" in command.script
    and not any("$work" in line or "$side" in line for line in command.script.splitlines())
]
NOT_OF_A_FRESH_SERVER = ('extension "pg_stat_statements"', "pg_stat_statements", "not in progress")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose database commands go to a real server."""
    with server() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, address)
        folder = tmp_path_factory.mktemp("sandbox")
        started = asyncio.run(start(folder, method=Method.DOCKER, pace=FAST))
        yield started
        asyncio.run(started.stop())


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    def run(script: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=step_variables(sandbox.environment, inputs, inherited=os.environ),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_a_restore_beside_the_database_in_use_loses_nothing_on_the_way_back(shell: Shell) -> None:
    done = shell(
        f"""
        docker-compose exec -T postgres pg_isready -U "$DATABASE_USER"
        docker-compose exec -T postgres pg_dump -U "$DATABASE_USER" -Fc "$DATABASE" > dump
        docker-compose exec -T postgres pg_restore -l < dump | grep 'TABLE DATA'
        {PSQL} -d "$DATABASE" -Atc "DELETE FROM configs WHERE key = 'key-7'"
        docker-compose exec -T postgres createdb -U "$DATABASE_USER" -O "$DATABASE_USER" side
        docker-compose exec -T postgres \
            pg_restore -U "$DATABASE_USER" --no-owner --exit-on-error -d side < dump
        {PSQL} -d side -Atc "SELECT count(*) FROM configs"
        {PSQL} -d postgres -Atc "ALTER DATABASE $DATABASE RENAME TO old"
        {PSQL} -d postgres -Atc "ALTER DATABASE side RENAME TO $DATABASE"
        {PSQL} -d "$DATABASE" -Atc "SELECT count(*) FROM configs"
        {PSQL} -d postgres -Atc "ALTER DATABASE $DATABASE RENAME TO side"
        {PSQL} -d postgres -Atc "ALTER DATABASE old RENAME TO $DATABASE"
        {PSQL} -d "$DATABASE" -Atc "SELECT count(*) FROM configs"
        docker-compose exec -T postgres dropdb -U "$DATABASE_USER" --if-exists side
    """  # noqa: S608 - fixed text
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.isdecimal()] == ["40", "40", "39"]


def test_a_damaged_dump_is_refused_before_anything_is_touched(shell: Shell) -> None:
    done = shell("""
        docker-compose exec -T postgres pg_dump -U "$DATABASE_USER" -Fc "$DATABASE" > dump
        head -c 200 dump > damaged
        docker-compose exec -T postgres pg_restore -l < damaged
    """)
    assert done.returncode == 1
    assert "pg_restore: error" in done.stderr


@pytest.mark.parametrize(
    ("statement", "status"),
    [("SELECT 1", 0), ("SELECT nothing FROM configs", 1), ("SELECT count(*) FROM nothing", 1)],
)
def test_exit_statuses_are_those_of_the_real_client(
    shell: Shell, statement: str, status: int
) -> None:
    assert shell(f'{PSQL} -d "$DATABASE" -Atc "{statement}"').returncode == status


def test_a_database_that_is_not_there_is_a_failed_connection(shell: Shell) -> None:
    done = shell(f'{PSQL} -d nowhere -Atc "SELECT 1"')
    assert (done.returncode, "does not exist" in done.stderr) == (2, True)


@pytest.mark.parametrize(("script", "inputs"), READING)
def test_what_the_procedures_only_read_is_valid_on_a_real_server(
    shell: Shell, script: str, inputs: dict[str, object]
) -> None:
    values = {name: str(getattr(each, "default", "") or "app/llm") for name, each in inputs.items()}
    done = shell(script, **values)
    if any(reason in done.stderr for reason in NOT_OF_A_FRESH_SERVER):
        pytest.skip(done.stderr.strip())
    assert "ERROR:" not in done.stderr
    assert "psql: error" not in done.stderr
