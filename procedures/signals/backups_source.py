"""The newest backup in the directory that the settings name."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.signals.values import Backups

SUFFIXES = (".tar.gz", ".tgz", ".tar.zst", ".tar", ".dump", ".sql.gz", ".sql", ".gpg")
"""How the files of the backup procedures end; checksums and manifests beside them do not count."""


class BackupsSource:
    """Looks at the files; never into them."""

    name = "backups"

    def __init__(
        self,
        directory: Path,
        *,
        max_age_h: float,
        interval_s: float,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self.address = str(directory)
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self._directory = directory
        self._max_age = timedelta(hours=max_age_h)
        self._clock = clock

    async def read(self) -> Backups:
        """Return the newest backup and whether it is recent enough."""
        try:
            found = await asyncio.to_thread(_backups, self._directory)
        except OSError as error:
            raise SourceError(
                f"cannot read the backups in {self._directory}: {error.strerror}",
                fix="Check that the directory is mounted and readable, or correct backup_dir",
            ) from error
        if not found:
            return Backups(state=State.CRITICAL, fault="there is no backup")
        made_at, size, name = max(found)
        newest_at = datetime.fromtimestamp(made_at, UTC)
        fault = _fault(self._clock.now() - newest_at, self._max_age, size)
        return Backups(
            state=State.CRITICAL if fault else State.OK,
            newest=name,
            newest_at=newest_at,
            size_bytes=size,
            count=len(found),
            fault=fault,
        )

    async def aclose(self) -> None:
        """Do nothing: no file stays open."""


def _backups(directory: Path) -> list[tuple[float, int, str]]:
    """Return time, size and name of each backup."""
    found = []
    for path in directory.iterdir():
        if path.name.endswith(SUFFIXES) and not path.name.startswith(".") and path.is_file():
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path.name))
    return found


def _fault(age: timedelta, max_age: timedelta, size: int) -> str:
    if not size:
        return "the newest backup is empty"
    if age > max_age:
        hours, limit = age.total_seconds() / 3600, max_age.total_seconds() / 3600
        return f"the newest backup is {hours:.1f} h old; {limit:g} h are allowed"
    return ""
