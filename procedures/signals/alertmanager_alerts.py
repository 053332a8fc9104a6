"""The answers of Alertmanager's API v2 as alerts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from procedures.signals.values import Alert, AlertHandling, AlertPhase

ACKNOWLEDGED = "ACK!"
"""How the comment of a silence begins that means *somebody is on it* (as karma and kthxbye do)."""

Json = Any


def read_alerts(alerts: Json, silences: Json) -> tuple[Alert, ...]:
    """Return the alerts with what has been done about each.

    Raises:
        TypeError, KeyError, ValueError, AttributeError: The answers have another shape.
    """
    comments = {silence["id"]: _comment(silence) for silence in silences}
    names = {alert["fingerprint"]: alert["labels"].get("alertname", "") for alert in alerts}
    return tuple(_alert(alert, comments, names) for alert in alerts)


def _alert(alert: Json, comments: Mapping[str, str], names: Mapping[str, str]) -> Alert:
    labels, annotations, status = alert["labels"], alert["annotations"], alert["status"]
    handling, comment = _handling(status, comments, names)
    return Alert(
        name=labels.get("alertname", ""),
        severity=labels.get("severity", ""),
        phase=AlertPhase.FIRING,
        since=datetime.fromisoformat(alert["startsAt"]),
        handling=handling,
        component=labels.get("component", ""),
        summary=annotations.get("summary", ""),
        labels=labels,
        annotations=annotations,
        source="alertmanager",
        comment=comment,
    )


def _handling(
    status: Json, comments: Mapping[str, str], names: Mapping[str, str]
) -> tuple[AlertHandling, str]:
    """Return what was done; an acknowledgement outranks a silence, a silence an inhibition."""
    silences = [comments.get(silence, "") for silence in status["silencedBy"]]
    for comment in silences:
        if comment.startswith(ACKNOWLEDGED):
            return AlertHandling.ACKNOWLEDGED, comment
    if silences:
        return AlertHandling.SILENCED, silences[0]
    if status["inhibitedBy"]:
        by = (names.get(fingerprint, "") for fingerprint in status["inhibitedBy"])
        return AlertHandling.INHIBITED, ", ".join(name for name in by if name)
    return AlertHandling.ACTIVE, ""


def _comment(silence: Json) -> str:
    author = silence.get("createdBy", "")
    return f"{silence.get('comment', '')} — {author}" if author else silence.get("comment", "")
