"""How the backups stand: recovery point, schedules, what is wrong; and a reading under way."""

from collections.abc import Iterable
from datetime import datetime

from procedures.backups.values import RecoveryPoint, ScheduleState
from widgets.backup_line import progress_line, recovery_line, schedule_line
from widgets.painted import Painted
from widgets.strips import Line


class BackupState(Painted):
    """Recovery point above schedules; it ticks with ``show_now``."""

    DEFAULT_CSS = "BackupState { height: 1; }"

    def __init__(self) -> None:
        super().__init__(id="backup-state")
        self._recovery: RecoveryPoint | None = None
        self._schedules: tuple[ScheduleState, ...] = ()
        self._faults: tuple[str, ...] = ()
        self._now: datetime | None = None

    def show(
        self,
        recovery: RecoveryPoint | None,
        schedules: tuple[ScheduleState, ...],
        faults: Iterable[str],
        now: datetime,
    ) -> None:
        """Take over what is known."""
        self._recovery, self._schedules, self._now = recovery, schedules, now
        self._faults = tuple(filter(None, faults))
        self.styles.height = 1 + len(schedules) + len(self._faults)
        self.repaint()

    def show_now(self, now: datetime) -> None:
        """Let time pass."""
        if self._now is not None:
            self._now = now
            self.repaint()

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw a line each."""
        if self._now is None:
            yield [(" looking for backups…", "dim")]
            return
        yield recovery_line(self._recovery, self._now)
        for schedule in self._schedules:
            yield schedule_line(schedule, self._now, width)
        for fault in self._faults:
            yield [(f" ? {fault}", "critical")]


class ReadingBar(Painted):
    """How far the reading of a backup is; not there while none is read."""

    DEFAULT_CSS = "ReadingBar { height: 1; display: none; } ReadingBar.-busy { display: block; }"

    def __init__(self) -> None:
        super().__init__(id="reading-bar")
        self._what = ""
        self._done_bytes = 0
        self._total_bytes = 0

    def show(self, name: str, done_bytes: int, total_bytes: int) -> None:
        """Take over how far it is."""
        self._what, self._done_bytes, self._total_bytes = name, done_bytes, total_bytes
        self.add_class("-busy")
        self.repaint()

    def hide(self) -> None:
        """Go away."""
        self.remove_class("-busy")

    def paint(self, width: int, height: int) -> Iterable[Line]:
        """Draw the bar."""
        yield progress_line(self._what, self._done_bytes, self._total_bytes, width)
