"""The directory that holds all of a sandbox: where things lie, and who runs there."""

import contextlib
import fcntl
import itertools
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from procedures.errors import SandboxError

DATABASE = "llm_config"
"""Name of the service's database."""
READY = "ready"
"""What a sandbox process prints when it can be talked to."""
TAKEN = "taken"
"""What it prints instead when another one owns the directory."""
_serial = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a running sandbox tells those who want to talk to it.

    Attributes:
        token: Bearer token of the control address.
        front: Base address of API and health.
        control: Base address of the control interface.
        replicas: Base address of each replica's health and metrics.
        engine: Address of the Docker engine that it poses as, ``unix://…``; empty without one.
        cluster: Base address of the Kubernetes API that it poses as; empty without one.
    """

    pid: int
    token: str
    method: str
    front: str
    control: str
    replicas: tuple[str, ...]
    engine: str = ""
    cluster: str = ""


class StateDir:
    """Names of the files of one sandbox."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def record(self) -> Path:
        """Addresses and token of the sandbox that runs here."""
        return self.path / "sandbox.json"

    @property
    def lock(self) -> Path:
        """Locked for as long as a sandbox runs here."""
        return self.path / "sandbox.lock"

    @property
    def output(self) -> Path:
        """Standard error of the sandbox process."""
        return self.path / "sandbox.log"

    @property
    def engine_socket(self) -> Path:
        """Where the Docker engine listens, unless the path is too long for a socket."""
        return self.path / "docker.sock"

    @property
    def kubeconfig(self) -> Path:
        """How clients reach the Kubernetes API."""
        return self.path / "kubeconfig"

    @property
    def shims(self) -> Path:
        """Executables for the steps' PATH."""
        return self.path / "bin"

    @property
    def logs(self) -> Path:
        """What replicas and dependencies print, a file for each."""
        return self.path / "logs"

    @property
    def data(self) -> Path:
        """What the service keeps: its files in ``data``, its second cache tier in ``cache``."""
        return self.path / "data"

    @property
    def database_server(self) -> Path:
        """The data directory of the sandbox's PostgreSQL."""
        return self.path / "postgres"

    @property
    def databases(self) -> Path:
        """The databases of the sandbox's PostgreSQL, a SQLite file for each."""
        return self.database_server / "base"

    @property
    def database(self) -> Path:
        """The service's own database, which holds its configurations."""
        return self.databases / f"{DATABASE}.db"

    @property
    def checkpoint(self) -> Path:
        """Counters of the last run."""
        return self.path / "checkpoint.json"

    @property
    def kept(self) -> Path:
        """What commands have changed; see :mod:`procedures.sandbox.kept`."""
        return self.path / "kept.json"

    @property
    def backups(self) -> Path:
        """Backup archives."""
        return self.path / "backups"

    @property
    def config(self) -> Path:
        """The service's configuration and certificates."""
        return self.path / "etc"

    @property
    def service_logs(self) -> Path:
        """The service's own log files: ``application.log`` and ``audit/audit.log``."""
        return self.path / "log"

    @property
    def secrets_file(self) -> Path:
        """The secrets of the systemd unit."""
        return self.path / "default" / "llm-config-manager"

    @property
    def project(self) -> Path:
        """The directory of the compose file."""
        return self.path / "project"

    @property
    def compose_file(self) -> Path:
        """The compose file that the docker shims are given."""
        return self.project / "docker-compose.yml"

    @property
    def dotenv(self) -> Path:
        """The secrets of the compose file."""
        return self.project / ".env"

    @property
    def binary(self) -> Path:
        """The service's executable; the version before it ends in ``.backup``."""
        return self.path / "sbin" / "llm-config-server"

    @property
    def units(self) -> Path:
        """Unit files and their drop-ins."""
        return self.path / "units"

    @property
    def containers(self) -> Path:
        """What containers have outside the volumes that they share with the host."""
        return self.path / "containers"

    def prepare(self) -> None:
        """Create the directories; SandboxError if the place is not writable."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in self._folders:
                folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.path / "writable", "probe\n" * 1000)
            (self.path / "writable").unlink()
        except OSError as error:
            raise SandboxError(
                f"cannot keep the sandbox in {self.path}: {error.strerror}",
                fix="Make the directory writable and free some space, or name another one",
            ) from error

    @property
    def _folders(self) -> tuple[Path, ...]:
        return (
            *(self.shims, self.logs, self.databases, self.backups, self.project / "config"),
            *(self.data / "data", self.data / "cache", self.service_logs / "audit"),
            *(self.config / "certs", self.config / "secrets", self.secrets_file.parent),
            *(self.binary.parent, self.units, self.containers / "tmp"),
        )

    def claim(self) -> IO[str] | None:
        """Lock the directory for this process; None if another one has it."""
        file = self.lock.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        return file

    def read_record(self) -> Record | None:
        """Return the record of the sandbox that runs or ran here, if it can be read."""
        try:
            fields = json.loads(self.record.read_text())
            return Record(**{**fields, "replicas": tuple(fields["replicas"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_record(self, record: Record) -> None:
        """Publish the record; only the owner may read it, for it holds the token."""
        write_whole(self.record, json.dumps(asdict(record), indent=1))


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace ``path`` in one go: a reader sees the old text or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{next(_serial)}")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
