"""Alerts as Prometheus' own rules see them: pending and firing."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from procedures.clock import Clock
from procedures.environment import Endpoint
from procedures.signals.alert_order import by_urgency, own
from procedures.signals.http import Site
from procedures.signals.refusals import not_understood
from procedures.signals.values import NO_LABELS, Alert, AlertPhase, Alerts

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAlerts:
    """What the rules say; a server without alert rules says nothing, which is not *all well*."""

    alerts: Alerts
    rules: int


class PrometheusRules:
    """Asks the rules API, which carries the alerts of each rule."""

    name = "prometheus-rules"

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        interval_s: float,
        timeout_s: float,
        clock: Clock,
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        self.address = endpoint.url
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self._site = Site(endpoint, timeout_s=timeout_s)
        self._clock = clock
        self._labels = labels

    async def read(self) -> RuleAlerts:
        """Return the alerts of all rules."""
        answer = await self._site.get("/api/v1/rules", {"type": "alert"})
        try:
            return await asyncio.to_thread(
                lambda: read_rules(answer.json(), at=self._clock.now(), labels=self._labels)
            )
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise not_understood(self.address, "a list of rules") from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._site.aclose()


def read_rules(answer: Json, *, at: datetime, labels: Mapping[str, str] = NO_LABELS) -> RuleAlerts:
    """Read an answer of ``/api/v1/rules``; alerts that name other ``labels`` are left out.

    Raises:
        TypeError, KeyError, ValueError, AttributeError: The answer has another shape.
    """
    rules = [
        rule
        for group in answer["data"]["groups"]
        for rule in group["rules"]
        if rule["type"] == "alerting"
    ]
    broken = [rule["name"] for rule in rules if rule.get("health") == "err"]
    fault = f"rules that cannot be evaluated: {', '.join(broken)}" if broken else ""
    items = by_urgency(own((alert for rule in rules for alert in _alerts(rule)), labels))
    alerts = Alerts(items=items, source="prometheus", at=at, fault=fault)
    return RuleAlerts(alerts=alerts, rules=len(rules))


def _alerts(rule: Json) -> Iterator[Alert]:
    for alert in rule["alerts"]:
        labels, annotations = alert["labels"], alert["annotations"]
        yield Alert(
            name=labels.get("alertname", rule["name"]),
            severity=labels.get("severity", ""),
            phase=AlertPhase(alert["state"]),
            since=datetime.fromisoformat(alert["activeAt"]),
            component=labels.get("component", ""),
            summary=annotations.get("summary", ""),
            labels=labels,
            annotations=annotations,
            source="prometheus",
        )
