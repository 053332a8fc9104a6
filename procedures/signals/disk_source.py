"""How full the file system is that holds the service's data."""

import asyncio
import shutil
from pathlib import Path

from procedures.clock import Clock
from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold
from procedures.signals.values import Disk


class DiskSource:
    """Asks the operating system, in a thread: a network file system may hang.

    Unit of the threshold: percent used. Source: ``statvfs(3)``, through ``shutil.disk_usage``.
    """

    name = "disk"

    def __init__(
        self,
        directory: Path,
        *,
        threshold: Threshold | None,
        interval_s: float,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self.address = str(directory)
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self._directory = directory
        self._threshold = threshold
        self._clock = clock

    async def read(self) -> Disk:
        """Return the fill level."""
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._directory)
        except OSError as error:
            raise SourceError(
                f"cannot read the disk usage of {self._directory}: {error.strerror}",
                fix=f"Check that {self._directory} is mounted and readable, or correct data_dir",
            ) from error
        used_pct = 100 * (usage.total - usage.free) / usage.total if usage.total else 0.0
        return Disk(
            state=self._threshold.state(used_pct) if self._threshold else State.OK,
            path=str(self._directory),
            total_bytes=usage.total,
            free_bytes=usage.free,
            at=self._clock.now(),
        )

    async def aclose(self) -> None:
        """Do nothing: no file stays open."""
