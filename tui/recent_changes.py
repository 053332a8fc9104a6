"""What changed recently, gathered from the targets, the watch, the record and the service."""

from datetime import timedelta
from typing import TYPE_CHECKING

from procedures.errors import ProcedureError
from procedures.signals.values import Snapshot
from procedures.targets.timeline import alert_changes, backup_changes, run_changes, timeline

if TYPE_CHECKING:
    from procedures.targets.changes import Change
    from tui.services import Services

PAST = timedelta(hours=24)
RUNS = 50


class RecentChanges:
    """The newest first; each part is replaced whole when it is learnt anew.

    Attributes:
        of_targets: What the targets tell.
        fault: What is not known, and why; empty if all is.
    """

    def __init__(self) -> None:
        self.of_targets: tuple[Change, ...] = ()
        self.fault = ""
        self._watched: list[Change] = []
        self._recorded: list[Change] = []
        self._configured: list[Change] = []

    def all(self) -> "tuple[Change, ...]":
        """Return everything, the newest first."""
        return timeline(self.of_targets, self._watched, self._recorded, self._configured)

    def learn_watched(self, snapshot: Snapshot) -> None:
        """Take over the alerts and the newest backup."""
        self._watched = [*alert_changes(snapshot.alerts), *backup_changes(snapshot.backups)]

    async def learn_recorded(self, services: "Services") -> None:
        """Ask the record for runs and the service for versions of its configurations."""
        from procedures.signals.config_versions import config_changes

        since = services.clock.now() - PAST
        faults = []
        try:
            self._recorded = run_changes(await services.runs(RUNS))
        except ProcedureError as error:
            faults.append(f"runs are not known: {error.what}")
        try:
            self._configured = await config_changes(services.environment, since)
        except ProcedureError as error:
            faults.append(f"configurations are not known: {error.what}")
        self.fault = "; ".join(faults)
