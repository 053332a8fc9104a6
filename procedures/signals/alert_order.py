"""Which alerts are an environment's own, and which of them an operator must see first."""

from collections.abc import Iterable, Mapping

from procedures.signals.values import Alert, AlertHandling, AlertPhase

_SEVERITIES = {"critical": 0, "warning": 1, "info": 2}


def by_urgency(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Sort: firing before pending, unhandled before handled, then by severity and name."""
    return tuple(sorted(alerts, key=_urgency))


def own(alerts: Iterable[Alert], labels: Mapping[str, str]) -> tuple[Alert, ...]:
    """Leave out what names another value of ``labels``; what names none may concern this one."""
    return tuple(
        alert
        for alert in alerts
        if all(alert.labels.get(name) in (None, "", value) for name, value in labels.items())
    )


def _urgency(alert: Alert) -> tuple[bool, bool, int, str, float]:
    return (
        alert.phase is not AlertPhase.FIRING,
        alert.handling is not AlertHandling.ACTIVE,
        _SEVERITIES.get(alert.severity, 3),
        alert.name,
        alert.since.timestamp() if alert.since else 0.0,
    )
