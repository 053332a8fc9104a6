"""How long each shipped rule has held: pending, then firing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from procedures.reference.alert_rules import AlertRule
from procedures.signals.alert_order import by_urgency
from procedures.signals.evaluation import Group, Groups
from procedures.signals.values import Alert, AlertPhase


@dataclass(frozen=True, slots=True)
class _Case:
    rule: AlertRule
    group: Group


class RuleBook:
    """Remembers since when each rule holds; instants must be observed in order."""

    def __init__(self, rules: tuple[AlertRule, ...], *, job: str) -> None:
        self._rules = rules
        self._job = job
        self._since: dict[_Case, float] = {}
        self.observed: float | None = None
        """Unix time of the last observation; None before the first."""

    def observe(self, at: float, values: Mapping[str, Groups]) -> None:
        """Take the values of the rules at ``at``, by name; without a value a rule does not hold."""
        holding = {
            _Case(rule, group)
            for rule in self._rules
            for group, value in values.get(rule.name, {}).items()
            if rule.holds(value)
        }
        self._since = {case: self._since.get(case, at) for case in holding}
        self.observed = at

    def alerts(self) -> tuple[Alert, ...]:
        """Return the alerts as of the last observation."""
        at = self.observed or 0.0
        return by_urgency(self._alert(case, since, at) for case, since in self._since.items())

    def _alert(self, case: _Case, since: float, at: float) -> Alert:
        rule = case.rule
        fires = at - since >= rule.hold.total_seconds()
        group = zip(getattr(rule.measure, "by", ()), case.group, strict=False)
        labels = {
            "alertname": rule.name,
            "severity": rule.severity.value,
            "component": rule.component,
            "job": self._job,
            **{label: value for label, value in group if value},
        }
        texts = {"summary": rule.summary, "description": rule.description, "runbook": rule.runbook}
        return Alert(
            name=rule.name,
            severity=rule.severity.value,
            phase=AlertPhase.FIRING if fires else AlertPhase.PENDING,
            since=datetime.fromtimestamp(since, UTC),
            component=rule.component,
            summary=rule.summary,
            labels=labels,
            annotations={name: text for name, text in texts.items() if text},
            source="console",
        )
