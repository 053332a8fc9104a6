"""The shipped alert rules as a Prometheus rule file."""

import yaml

from procedures.environment import Limits
from procedures.reference.alert_rules import AlertRule, load_alert_rules
from procedures.reference.thresholds import Worse
from procedures.signals.promql import STANDARD_WINDOW_S, render

INTERVAL = "30s"


def rules_yaml(*, job: str = "llm-config-manager", limits: Limits | None = None) -> str:
    """Return the rules, in one group, for the series of ``job``."""
    limits = limits or Limits()
    rules = [_rule(rule, job, limits) for rule in load_alert_rules()]
    group = {"name": "quarterdeck", "interval": INTERVAL, "rules": rules}
    return yaml.safe_dump({"groups": [group]}, sort_keys=False, allow_unicode=True, width=1000)


def _rule(rule: AlertRule, job: str, limits: Limits) -> dict[str, object]:
    query = render(rule.measure, job=job, window_s=STANDARD_WINDOW_S, limits=limits)
    sign = ">" if rule.worse is Worse.HIGHER else "<"
    annotations = {"summary": rule.summary, "description": rule.description}
    return {
        "alert": rule.name,
        "expr": f"({query}) {sign} {rule.bound:g}",
        "for": f"{rule.hold.total_seconds():.0f}s",
        # Sums have no job label of their own; with it, one inhibition rule matches them all.
        "labels": {"severity": rule.severity.value, "component": rule.component, "job": job},
        "annotations": {**{k: v for k, v in annotations.items() if v}, "runbook": rule.runbook},
    }
