from typing import Any

from procedures.clock import SystemClock
from procedures.signals.build import look_once
from procedures.signals.values import AlertHandling, AlertPhase, Alerts
from tests.integration.signals.misbehaving import (
    Handler,
    MisbehavingServer,
    answering,
    answering_json,
    environment_with,
    prometheus_saying,
    seen,
)

HOSTILE = "[/red] \x1b]0;x\x07 😀 \u202eevil\nline " + "x" * 100_000


def _alert(number: int, **status: list[str]) -> dict[str, Any]:
    return {
        "fingerprint": f"f{number}",
        "labels": {"alertname": f"A{number:04}", "severity": "warning", "component": "api"},
        "annotations": {"summary": "s"},
        "startsAt": "2026-01-01T00:00:00.123456789Z",
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], **status},
    }


SILENCES = [
    {"id": "s1", "comment": "ACK! on it", "createdBy": "kim"},
    {"id": "s2", "comment": "maintenance", "createdBy": ""},
]


def _rules(*alerts: dict[str, Any]) -> Handler:
    rule = {"type": "alerting", "name": "R", "health": "ok", "alerts": list(alerts)}
    return answering_json({"data": {"groups": [{"rules": [rule]}]}})


def _rule_alert(name: str, state: str) -> dict[str, Any]:
    return {
        "labels": {"alertname": name, "severity": "critical"},
        "annotations": {},
        "state": state,
        "activeAt": "2026-01-01T00:00:00Z",
        "value": "1e+00",
    }


async def _alerts(server: MisbehavingServer, alerts: Handler) -> Alerts:
    server.paths = {"/api/v2/alerts": alerts, "/api/v2/silences": answering_json(SILENCES)}
    environment = environment_with(alertmanager=server.endpoint)
    return (await look_once(environment, SystemClock())).alerts


async def test_what_has_been_done_about_an_alert_is_told(server: MisbehavingServer) -> None:
    answer = [
        _alert(1, silencedBy=["s2", "s1"]),
        _alert(2, silencedBy=["s2"]),
        _alert(3, inhibitedBy=["f4"]),
        _alert(4),
    ]
    alerts = await _alerts(server, answering_json(answer))
    assert [(a.name, a.handling, a.comment) for a in alerts.items] == [
        ("A0004", AlertHandling.ACTIVE, ""),
        ("A0001", AlertHandling.ACKNOWLEDGED, "ACK! on it — kim"),
        ("A0002", AlertHandling.SILENCED, "maintenance"),
        ("A0003", AlertHandling.INHIBITED, "A0004"),
    ]
    assert alerts.source == "alertmanager"


async def test_a_thousand_alerts_with_hostile_texts_are_data(server: MisbehavingServer) -> None:
    answer = [_alert(number) for number in range(1000)]
    answer[0]["annotations"]["summary"] = HOSTILE
    alerts = await _alerts(server, answering_json(answer))
    assert len(alerts.items) == 1000
    assert alerts.items[0].summary == HOSTILE


async def test_an_answer_of_another_shape_is_no_absence_of_alerts(
    server: MisbehavingServer,
) -> None:
    for body in ('{"status": "success"}', "[1]", "[{}]", '[{"labels": {}}]', "null"):
        alerts = await _alerts(server, answering(body))
        assert "not a list of alerts" in alerts.fault, body


async def test_pending_alerts_of_the_rules_join_those_of_alertmanager(
    server: MisbehavingServer,
) -> None:
    server.paths = {
        "/api/v2/alerts": answering_json([_alert(1)]),
        "/api/v2/silences": answering_json([]),
        "/api/v1/rules": _rules(_rule_alert("P", "pending"), _rule_alert("F", "firing")),
    }
    environment = environment_with(alertmanager=server.endpoint, prometheus=server.endpoint)
    alerts = (await look_once(environment, SystemClock())).alerts
    assert [(a.name, a.phase) for a in alerts.items] == [
        ("A0001", AlertPhase.FIRING),
        ("P", AlertPhase.PENDING),
    ]


async def test_without_alertmanager_the_rules_count_and_the_fault_is_said(
    server: MisbehavingServer,
) -> None:
    server.paths = {"/api/v1/rules": _rules(_rule_alert("F", "firing"))}
    environment = environment_with(alertmanager=server.endpoint, prometheus=server.endpoint)
    alerts = (await look_once(environment, SystemClock())).alerts
    assert (alerts.source, [a.name for a in alerts.items]) == ("prometheus", ["F"])
    assert "nothing at this address (404)" in alerts.fault


async def test_a_prometheus_without_rules_leaves_them_to_the_console(
    server: MisbehavingServer,
) -> None:
    saying = prometheus_saying("99")
    server.paths = {
        "/api/v1/rules": answering_json({"data": {"groups": []}}),
        "/api/v1/query": saying,
        "/api/v1/query_range": saying,
    }
    environment = environment_with(prometheus=server.endpoint)
    snapshot = await seen(environment, lambda s: s.alerts.source == "console")
    assert {"HighCPU", "HighMemory"} <= {alert.name for alert in snapshot.alerts.items}
