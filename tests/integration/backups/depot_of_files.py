"""A directory of real backups and the depot that finds them."""

import hashlib
import io
import os
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from procedures.backups.depot import Depot
from procedures.backups.settings import BackupSettings
from procedures.backups.values import Backup, Verification
from procedures.environment import Environment, Method, Tier

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Fixed:
    """A clock that stands."""

    def now(self) -> datetime:
        """Return always the same moment."""
        return NOW


def packed(pieces: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in pieces.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def complete(**changed: bytes) -> Mapping[str, bytes]:
    """Return the pieces of a complete backup, as the procedures pack them."""
    files = packed({f"configs/{n}.json": b"{}" * n for n in range(1, 5)})
    pieces = {"files.tar": files, "manifest.txt": b"data_files: 4\n"}
    sums = [f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in pieces.items()]
    pieces["SHA256SUMS"] = "".join(sums).encode()
    return {**pieces, **{name.replace("__", "."): each for name, each in changed.items()}}


class Files:
    """A directory of backups below ``root``, and what the console makes of it."""

    def __init__(self, root: Path, settings: BackupSettings | None = None) -> None:
        self.directory = root / "backups"
        self.directory.mkdir()
        self.memory = root / "state" / "verified.json"
        self.settings = settings or BackupSettings(memory=self.memory)

    @property
    def environment(self) -> Environment:
        """The environment whose backups these are."""
        return Environment(
            name="here",
            tier=Tier.STAGING,
            method=Method.DOCKER,
            backup_dir=self.directory,
            backups=self.settings,
        )

    @property
    def depot(self) -> Depot:
        """A depot that has seen nothing yet."""
        return Depot(self.environment, Fixed())

    def write(self, path: str, content: bytes, *, hours_ago: float = 1) -> Path:
        """Put a file there."""
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        at = (NOW - timedelta(hours=hours_ago)).timestamp()
        os.utime(file, (at, at))
        return file

    async def found(self) -> dict[str, Backup]:
        """Return what is found, by path."""
        return {each.path: each for each in (await self.depot.stock()).backups}

    async def verified(self, path: str) -> Verification:
        """Verify one of them."""
        return await self.depot.verify((await self.found())[path])
