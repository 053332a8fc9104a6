"""A private PostgreSQL server with the service's database in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.postgres_server import free_port, owner_of, programs

_TABLE = """
CREATE TABLE configs (
    namespace text, key text, environment text, id text, value text, secret boolean,
    version integer, created_at timestamptz DEFAULT now(), created_by text,
    updated_at timestamptz DEFAULT now(), updated_by text,
    PRIMARY KEY (namespace, key, environment)
);
INSERT INTO configs (namespace, key, environment, value)
SELECT 'app/llm', 'key-' || n, 'production', n::text FROM generate_series(1, 40) n;
"""


@contextmanager
def server() -> Iterator[str]:
    """Yield ``SOCKET_DIRECTORY:PORT``; skips where PostgreSQL is not installed."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="qd-pg"))
    user = owner_of(home)
    port = free_port()

    def run(program: str, *arguments: str, text: str = "") -> None:
        done = subprocess.run(
            [str(binaries / program), *arguments],
            user=user,
            cwd=home,
            env={"PATH": os.environ["PATH"], "PGHOST": str(home), "PGPORT": str(port)},
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    data = str(home / "data")
    options = f"-k {home} -p {port} -c listen_addresses='' -c fsync=off"
    try:
        run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8")
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            run("createuser", "-U", "postgres", "-s", "llm_config_user")
            run("createdb", "-U", "postgres", "-O", "llm_config_user", "llm_config")
            run("psql", "-U", "llm_config_user", "-d", "llm_config", "-q", text=_TABLE)
            yield f"{home}:{port}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
