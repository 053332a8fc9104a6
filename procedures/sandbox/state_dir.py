"""The directory that holds all of a sandbox: where things lie, and who runs there."""

import contextlib
import fcntl
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from procedures.errors import SandboxError

READY = "ready"
"""What a sandbox process prints when it can be talked to."""
TAKEN = "taken"
"""What it prints instead when another one owns the directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a running sandbox tells those who want to talk to it.

    Attributes:
        token: Bearer token of the control address.
        front: Base address of API and health.
        control: Base address of the control interface.
        replicas: Base address of each replica's health and metrics.
    """

    pid: int
    token: str
    method: str
    front: str
    control: str
    replicas: tuple[str, ...]


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
    def shims(self) -> Path:
        """Executables for the steps' PATH."""
        return self.path / "bin"

    @property
    def logs(self) -> Path:
        """Logs of replicas and dependencies."""
        return self.path / "logs"

    @property
    def data(self) -> Path:
        """The service's data."""
        return self.path / "data"

    @property
    def database(self) -> Path:
        """The configurations, SQLite."""
        return self.data / "config.db"

    @property
    def checkpoint(self) -> Path:
        """Counters of the last run."""
        return self.data / "checkpoint.json"

    @property
    def backups(self) -> Path:
        """Backup archives."""
        return self.path / "backups"

    @property
    def compose_file(self) -> Path:
        """The compose file that the docker shims are given."""
        return self.path / "docker-compose.yml"

    def prepare(self) -> None:
        """Create the directories; SandboxError if the place is not writable."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.shims, self.logs, self.data, self.backups):
                folder.mkdir(exist_ok=True)
            write_whole(self.path / "writable", "probe\n" * 1000)
            (self.path / "writable").unlink()
        except OSError as error:
            raise SandboxError(
                f"cannot keep the sandbox in {self.path}: {error.strerror}",
                fix="Make the directory writable and free some space, or name another one",
            ) from error

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
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
