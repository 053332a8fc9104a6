"""A snapshot as one JSON object, for programs."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from procedures.environment import Environment
from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.signals.values import Alert, Alerts, Reading, Snapshot
from procedures.signals.verdict import Finding, verdict
from tui.wording import threshold_of


def snapshot_json(
    snapshot: Snapshot,
    found: Sequence[Finding],
    environment: Environment,
    indicators: Mapping[str, Indicator],
) -> str:
    """Return the snapshot as JSON; times are ISO 8601, and what is not known is null."""
    readings = [each.about for each in found if isinstance(each.about, Reading)]
    return json_text(
        {
            "state": verdict(found),
            "environment": environment.name,
            "at": snapshot.at,
            "indicators": [
                _reading(reading, indicators[reading.indicator], environment)
                for reading in readings
            ],
            "health": asdict(snapshot.health),
            "alerts": _alerts(snapshot.alerts),
            "backups": asdict(snapshot.backups) if environment.has_backups else None,
            "disk": asdict(snapshot.disk) if environment.data_dir else None,
            "sources": [asdict(source) for source in snapshot.sources],
        }
    )


def failure_json(what: str, fix: str) -> str:
    """Return the JSON of a look that could not be taken."""
    return json_text({"state": State.UNKNOWN, "fault": what, "fix": fix})


def _reading(reading: Reading, indicator: Indicator, environment: Environment) -> Mapping[str, Any]:
    threshold = threshold_of(indicator, environment)
    return {
        "id": indicator.id,
        "title": indicator.title,
        "state": reading.state,
        "value": reading.value,
        "unit": indicator.unit,
        "at": reading.at,
        "fault": reading.fault,
        "target": threshold and threshold.target,
        "critical": threshold and threshold.critical,
        "worse": threshold and threshold.worse,
    }


def _alerts(alerts: Alerts) -> Sequence[Mapping[str, Any]] | None:
    # Null, not an empty array: alerts that cannot be read are not the same as none.
    return None if alerts.fault else [_alert(alert) for alert in alerts.items]


def _alert(alert: Alert) -> Mapping[str, Any]:
    # asdict() cannot copy the read-only mappings that labels and annotations may be.
    return {
        "name": alert.name,
        "severity": alert.severity,
        "phase": alert.phase,
        "handling": alert.handling,
        "since": alert.since,
        "component": alert.component,
        "summary": alert.summary,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "source": alert.source,
        "comment": alert.comment,
    }


def json_text(content: Mapping[str, Any]) -> str:
    """Return an object as JSON; enumerations by their values, times as ISO 8601."""
    # Non-ASCII text stays escaped: that keeps terminal escapes and bidi marks harmless.
    return json.dumps(_plain(content), indent=2, allow_nan=False)


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON is what it is
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case Path():
            return str(value)
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
