"""A snapshot of a bad night, for the tests of reports."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from procedures.environment import Endpoint, Environment, Method, Tier
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
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
    SourceStatus,
)

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)

ENVIRONMENT = Environment(
    name="prod",
    tier=Tier.PRODUCTION,
    method=Method.KUBERNETES,
    health=Endpoint(url="http://svc/health"),
    backup_dir=Path("/backups"),
    data_dir=Path("/srv"),
)

VALUES = {
    "availability": 100.0,
    "p95-latency": 212.4,
    "error-rate": 0.05,
    "cache-hit-rate": 75.0,
    "cpu": 40.0,
}
"""Memory is missing on purpose."""


def alert(name: str, severity: str = "critical", **changes: object) -> Alert:
    known = Alert(
        name=name,
        severity=severity,
        phase=AlertPhase.FIRING,
        since=NOW - timedelta(minutes=12),
        summary="P95 above 200 ms",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def snapshot(**changes: object) -> Snapshot:
    readings = {}
    for name, value in VALUES.items():
        threshold = load_indicators()[name].threshold
        assert threshold is not None
        readings[name] = Reading(indicator=name, state=threshold.state(value), value=value, at=NOW)
    readings["memory"] = Reading(indicator="memory", state=State.UNKNOWN, fault="no answer for 2m")
    known = Snapshot(
        at=NOW,
        readings=readings,
        histories={},
        health=Health(
            state=State.WARNING,
            word="degraded",
            reports_components=True,
            http_status=200,
            components=(
                Component(
                    name="cache",
                    state=State.WARNING,
                    word="degraded",
                    message="slow",
                    duration_ms=12.0,
                ),
            ),
        ),
        alerts=Alerts(
            source="alertmanager",
            items=(
                alert("HighLatency", "warning"),
                alert("Waiting", phase=AlertPhase.PENDING),
                alert("Muted", handling=AlertHandling.SILENCED),
            ),
        ),
        backups=Backups(
            state=State.OK,
            newest="full.tar.gz",
            newest_at=NOW - timedelta(hours=1),
            size_bytes=2048,
            count=3,
        ),
        disk=Disk(state=State.OK, path="/srv", total_bytes=100 * 1024**3, free_bytes=60 * 1024**3),
        sources=(SourceStatus(name="prometheus", address="http://prom", fault="timed out"),),
    )
    return replace(known, **changes)  # type: ignore[arg-type]
