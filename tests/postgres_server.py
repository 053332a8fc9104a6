"""A private PostgreSQL server that can be stopped and started, with users who have passwords."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from procedures.environment import Secret
from procedures.ledger.address import LedgerAddress

DEBIAN = Path("/usr/lib/postgresql")
PASSWORDS = {"ada": "ada's p@ss/word", "grace": "Lovelace:1815"}
QUICK = ("fsync=off",)
"""Settings of a server that no power failure will hit."""

_ROLES = "".join(
    "CREATE ROLE {} LOGIN PASSWORD '{}';".format(name, password.replace("'", "''"))
    for name, password in PASSWORDS.items()
)


def programs() -> Path | None:
    """Return the directory of the server's programs; None where it is not installed."""
    found = sorted(DEBIAN.glob("*/bin/pg_ctl"), key=lambda path: float(path.parent.parent.name))
    return found[-1].parent if found else None


class PostgresServer:
    """A server in a directory of its own, on a free port of the loopback and a local socket."""

    def __init__(self, home: Path, *settings: str) -> None:
        self.home = home
        self.port = free_port()
        self._data = home / "data"
        self._user = owner_of(home)
        self._numbers = count(1)
        self._settings = settings

    def create(self) -> None:
        """Create what the server keeps, and start it."""
        self.run("initdb", "-D", str(self._data), "-U", "postgres", "--no-sync", "-E", "UTF8",
                 "--auth-local=trust", "--auth-host=scram-sha-256")  # fmt: skip
        self.start()
        self.sql(_ROLES)

    def standby(self, home: Path) -> "PostgresServer":
        """Start a replica of this server, which only lets read."""
        replica = PostgresServer(home, *self._settings)
        self.run("pg_basebackup", "-U", "postgres", "-D", str(replica._data), "-R", "-c", "fast",
                 "--no-sync")  # fmt: skip
        replica.start()
        return replica

    def start(self) -> None:
        options = ["-k", str(self.home), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        for setting in self._settings:
            options += ["-c", setting]
        self.run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self.home / "log"), "-o",
                 " ".join(options), "start")  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def sql(self, text: str, database: str = "postgres", user: str = "postgres") -> str:
        """Return what psql prints without decoration; AssertionError carries what it complains."""
        return self.run(
            "psql", "-U", user, "-d", database, "-X", "-qAt", "-v", "ON_ERROR_STOP=1", text=text
        ).strip()

    def database(self, owner: str = "ada") -> str:
        """Create an empty database and return its name."""
        name = f"team_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} OWNER {owner}")
        return name

    def address(
        self, database: str, user: str = "ada", port: int = 0, options: str = ""
    ) -> LedgerAddress:
        """Return how the settings would name ``database``."""
        return LedgerAddress(
            url=f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}{options}",
            password=Secret(inline=PASSWORDS[user]) if user in PASSWORDS else None,
        )

    @contextmanager
    def certified(self) -> Iterator[Path]:
        """Speak TLS for a while; yield the file of the certificate to trust."""
        certificate, key = self.home / "server.crt", self.home / "server.key"
        self._asowner_of("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                       "-subj", "/CN=ledger", "-addext", "subjectAltName=IP:127.0.0.1",
                       "-out", str(certificate), "-keyout", str(key))  # fmt: skip
        for name, value in (("cert_file", certificate), ("key_file", key)):
            self.sql(f"ALTER SYSTEM SET ssl_{name} = '{value}'")
        self._switch("on")
        try:
            yield certificate
        finally:
            self._switch("off")

    def _switch(self, ssl: str) -> None:
        self.sql(f"ALTER SYSTEM SET ssl = {ssl}")
        self.run("pg_ctl", "-D", str(self._data), "-w", "-m", "fast", "-l", str(self.home / "log"),
                 "restart")  # fmt: skip

    def run(self, program: str, *arguments: str, text: str = "") -> str:
        """Run one of the server's own programs as its owner."""
        directory = programs()
        assert directory
        return self._asowner_of(str(directory / program), *arguments, text=text)

    def _asowner_of(self, *words: str, text: str = "") -> str:
        done = subprocess.run(
            words,
            user=self._user,
            cwd=self.home,
            env={"PATH": os.environ["PATH"], "PGHOST": str(self.home), "PGPORT": str(self.port)},
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def server_home() -> Iterator[Path]:
    """Yield a directory with a path short enough for a socket, and remove it."""
    home = Path(tempfile.mkdtemp(prefix="qd-pg"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running_server(*settings: str) -> Iterator[PostgresServer]:
    """Yield a server that runs, with a directory of its own."""
    with server_home() as home:
        server = PostgresServer(home, *settings)
        server.create()
        try:
            yield server
        finally:
            server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def owner_of(home: Path) -> int | None:
    """Give the directory to a user who may run the server; None for this one."""
    if os.geteuid() != 0:
        return None
    names = {each.pw_name for each in pwd.getpwall()}
    owner = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(home, owner.pw_uid, owner.pw_gid)
    home.chmod(0o755)
    return owner.pw_uid
