"""Which alerts are an environment's own, where a server holds those of several."""

from collections.abc import Mapping

import pytest

from procedures.clock import SystemClock
from procedures.signals.alert_order import own
from procedures.signals.prometheus_rules import read_rules
from procedures.signals.values import Alert, AlertPhase


def alert(name: str, **labels: str) -> Alert:
    return Alert(name=name, severity="warning", phase=AlertPhase.FIRING, since=None, labels=labels)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ({}, ["ours", "theirs", "everybody's"]),
        ({"environment": "eu"}, ["ours", "everybody's"]),
        ({"environment": "us"}, ["theirs", "everybody's"]),
        ({"environment": "eu", "cluster": "b"}, ["everybody's"]),
    ],
)
def test_what_names_another_value_is_somebody_elses(
    labels: Mapping[str, str], names: list[str]
) -> None:
    alerts = [
        alert("ours", environment="eu", cluster="a"),
        alert("theirs", environment="us"),
        alert("everybody's", severity="warning"),
    ]
    assert [each.name for each in own(alerts, labels)] == names


def test_the_rules_of_a_server_tell_an_environment_only_its_own_alerts() -> None:
    fired = [
        {
            "labels": {"alertname": "Down", "environment": name},
            "annotations": {},
            "state": "firing",
            "activeAt": "2026-03-04T03:00:00Z",
        }
        for name in ("eu", "us")
    ]
    rule = {"type": "alerting", "name": "Down", "alerts": fired}
    answer = {"data": {"groups": [{"rules": [rule]}]}}
    at = SystemClock().now()
    assert len(read_rules(answer, at=at).alerts.items) == 2
    (item,) = read_rules(answer, at=at, labels={"environment": "eu"}).alerts.items
    assert item.labels["environment"] == "eu"
    assert read_rules(answer, at=at, labels={"environment": "asia"}).rules == 1
