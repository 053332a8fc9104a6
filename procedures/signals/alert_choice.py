"""Whose word on alerts counts: Alertmanager's, else Prometheus' rules', else the console's own."""

from collections.abc import Iterable
from datetime import datetime

from procedures.signals.alert_order import by_urgency
from procedures.signals.poller import Held
from procedures.signals.prometheus_rules import RuleAlerts
from procedures.signals.values import Alert, AlertPhase, Alerts


def chosen_alerts(
    alertmanager: Held[Alerts] | None,
    rules: Held[RuleAlerts] | None,
    console: Held[Alerts] | None,
    now: datetime,
) -> Alerts:
    """Return the alerts of the best source that answers, with what is wrong with better ones.

    Without any that answers, the last known alerts stay visible, with the fault.
    """
    by_rules = rules.part.alerts if rules and rules.part and rules.part.rules else None
    candidates = [
        (alertmanager, alertmanager.part if alertmanager else None),
        (rules, by_rules),
        (console, console.part if console else None),
    ]
    faults: list[str] = []
    for held, part in candidates:
        if held is None:
            continue
        if doubt := held.doubt(now):
            faults.append(doubt)
        elif part is not None:
            pending = by_rules if held is alertmanager else None
            return _with(part, _pending(part, pending), faults)
    fault = "; ".join(dict.fromkeys(faults)) or "nothing is configured that knows of alerts"
    last = next((part for _, part in candidates if part is not None), Alerts())
    return Alerts(items=last.items, source=last.source, at=last.at, fault=fault)


def console_is_needed(
    alertmanager: Held[Alerts] | None, rules: Held[RuleAlerts] | None, now: datetime
) -> bool:
    """Return whether nobody else evaluates alerts; one that was not heard yet might."""
    if any(held is not None and not held.settled for held in (alertmanager, rules)):
        return False
    if alertmanager is not None and not alertmanager.doubt(now):
        return False
    return rules is None or bool(rules.doubt(now)) or not (rules.part and rules.part.rules)


def _pending(firing: Alerts, by_rules: Alerts | None) -> tuple[Alert, ...]:
    """Return the pending alerts of the rules, which Alertmanager has not heard of yet."""
    known = {alert.key for alert in firing.items}
    return tuple(
        alert
        for alert in (by_rules.items if by_rules else ())
        if alert.phase is AlertPhase.PENDING and alert.key not in known
    )


def _with(alerts: Alerts, pending: tuple[Alert, ...], faults: Iterable[str]) -> Alerts:
    fault = "; ".join(dict.fromkeys(each for each in (*faults, alerts.fault) if each))
    if not pending and fault == alerts.fault:
        return alerts
    items = by_urgency((*alerts.items, *pending)) if pending else alerts.items
    return Alerts(items=items, source=alerts.source, at=alerts.at, fault=fault)
