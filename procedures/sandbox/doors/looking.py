"""The sandbox's own look at its processes, for what is answered within its process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from procedures.sandbox import overview
from procedures.sandbox.control_client import Control
from procedures.sandbox.journal import Happening
from procedures.sandbox.shims.observed import Observed, of_state

if TYPE_CHECKING:
    from procedures.sandbox.running import Running

Made = TypeVar("Made")


class Looking:
    """What the shims ask for through the control address, without the way there.

    Attributes:
        control: Only for the state directory that it knows; nothing is called through it.
    """

    def __init__(self, running: Running) -> None:
        self._running = running
        self.control = Control(running.record(os.getpid()), running.state)

    def observe(self) -> Observed:
        """Return the processes as they are now."""
        self._running.advance()
        return of_state(overview.of(self._running.service, self._running.instances))

    async def make(self, build: Callable[[Observed, Control], Made]) -> Made:
        """Return what a builder of the shims makes of the present; it may read files."""
        seen = self.observe()
        return await asyncio.to_thread(build, seen, self.control)

    @property
    def told(self) -> int:
        """How many events there ever were."""
        return self._running.service.journal.told

    def happenings(self, after: int) -> list[Happening]:
        """Return the events after the first ``after``, as far as they are kept."""
        journal = self._running.service.journal
        missed = journal.told - after
        return list(journal.happenings)[-missed:] if missed > 0 else []

    @property
    def change(self) -> int:
        """Grows with everything that changes."""
        return self._running.service.changes

    async def changed(self, newer_than: int, timeout_s: float) -> None:
        """Return when something has changed since the change ``newer_than``, or in time."""
        await self._running.change(newer_than, timeout_s)

    async def pause(self) -> None:
        """Let a second pass."""
        await asyncio.sleep(1.0)

    async def written(self) -> None:
        """Bring the log files to the present."""
        await self._running.catch_up()

    def log_path(self, source: str) -> Path:
        """Return the log file of a process."""
        return self._running.logbook.path(source)

    def runs(self, source: str, generation: int | None = None) -> bool:
        """Tell whether a process runs; with a generation, whether it is still that one."""
        process = self._running.service.processes.get(source)
        if process is None:
            return True  # one that the sandbox only names
        return process.running and generation in {None, process.generation}
