"""What changed recently, from all who can tell, on one line of time; pure."""

from collections.abc import Iterable

from procedures.execution.run.run import Run, RunOutcome
from procedures.reference.states import State
from procedures.signals.values import Alerts, Backups
from procedures.signals.verdict import severity_state
from procedures.targets.changes import Change, ChangeKind


def timeline(*parts: Iterable[Change], limit: int = 1000) -> tuple[Change, ...]:
    """Return all changes, the newest first."""
    every = sorted((each for part in parts for each in part), key=lambda c: c.at, reverse=True)
    return tuple(every[:limit])


def alert_changes(alerts: Alerts) -> list[Change]:
    """Return when each alert that is there now began."""
    return [
        Change(
            at=alert.since,
            kind=ChangeKind.ALERT,
            subject=alert.name,
            text=f"{alert.phase.value}: {alert.summary}" if alert.summary else alert.phase.value,
            state=severity_state(alert.severity),
            source=alert.source,
        )
        for alert in alerts.items
        if alert.since is not None
    ]


def run_changes(runs: Iterable[Run]) -> list[Change]:
    """Return when operators began and ended runs."""
    changes = []
    for run in runs:
        begun = Change(
            at=run.started_at,
            kind=ChangeKind.RUN,
            subject=run.procedure_id,
            text=f"{run.operator} began it",
            source="ledger",
        )
        changes.append(begun)
        if run.ended_at is not None:
            ended = Change(
                at=run.ended_at,
                kind=ChangeKind.RUN,
                subject=run.procedure_id,
                text=run.outcome.value,
                state=State.OK if run.outcome is RunOutcome.COMPLETED else State.WARNING,
                source="ledger",
            )
            changes.append(ended)
    return changes


def backup_changes(backups: Backups) -> list[Change]:
    """Return when the newest backup was made."""
    if backups.newest_at is None:
        return []
    return [
        Change(
            at=backups.newest_at,
            kind=ChangeKind.BACKUP,
            subject=backups.newest,
            text=backups.fault or "made",
            state=State.WARNING if backups.fault else State.OK,
            source="backups",
        )
    ]
