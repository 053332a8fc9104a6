"""What a snapshot comes to: which of its parts count, how bad each is, and how bad the whole."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from procedures.environment import Environment
from procedures.reference.indicators import Indicator
from procedures.reference.states import State, worst
from procedures.signals.values import (
    Alert,
    AlertHandling,
    AlertPhase,
    Alerts,
    Backups,
    Component,
    Disk,
    Health,
    Reading,
    Snapshot,
)

Watched = Reading | Health | Component | Alert | Alerts | Backups | Disk

_SEVERITIES = {"critical": State.CRITICAL, "warning": State.WARNING, "info": State.OK}
MUTED = (AlertHandling.SILENCED, AlertHandling.INHIBITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part of a snapshot that is worth a line.

    Attributes:
        about: The part itself; ``Alerts`` only where the alerts could not be read.
        state: How bad it is.
        counts: False for what somebody has muted: it is told, and changes no verdict.
    """

    about: Watched
    state: State
    counts: bool = True


def findings(
    snapshot: Snapshot, environment: Environment, indicators: Iterable[Indicator]
) -> tuple[Finding, ...]:
    """Return the parts that are worth a line.

    These are the key indicators and those whose thresholds the environment sets, health with its
    components, firing alerts, and backups and disk where the environment names a directory.
    """
    return (
        *_of_readings(snapshot.readings, environment, indicators),
        *_of_health(snapshot.health, environment),
        *_of_alerts(snapshot.alerts),
        *_of_storage(snapshot, environment),
    )


def verdict(found: Iterable[Finding]) -> State:
    """Return the state of most concern; UNKNOWN when nothing counts."""
    return worst(finding.state for finding in found if finding.counts)


def severity_state(severity: str) -> State:
    """Return how bad a firing alert is; a severity that is not known is a warning."""
    return _SEVERITIES.get(severity.lower(), State.WARNING)


def _of_readings(
    readings: Mapping[str, Reading], environment: Environment, indicators: Iterable[Indicator]
) -> Iterator[Finding]:
    for indicator in indicators:
        if indicator.key or indicator.id in environment.thresholds:
            missing = Reading(indicator=indicator.id, state=State.UNKNOWN, fault="no reading yet")
            reading = readings.get(indicator.id, missing)
            yield Finding(about=reading, state=reading.state)


def _of_health(health: Health, environment: Environment) -> Iterator[Finding]:
    if environment.health:
        yield Finding(about=health, state=health.state)
        yield from (Finding(about=each, state=each.state) for each in health.components)


def _of_alerts(alerts: Alerts) -> Iterator[Finding]:
    if alerts.fault:
        yield Finding(about=alerts, state=State.UNKNOWN)
    for alert in alerts.items:
        if alert.phase is AlertPhase.FIRING:
            muted = alert.handling in MUTED
            yield Finding(about=alert, state=severity_state(alert.severity), counts=not muted)


def _of_storage(snapshot: Snapshot, environment: Environment) -> Iterator[Finding]:
    if environment.has_backups:
        yield Finding(about=snapshot.backups, state=snapshot.backups.state)
    if environment.data_dir:
        yield Finding(about=snapshot.disk, state=snapshot.disk.state)
