from datetime import UTC, datetime, timedelta

from procedures.signals.alert_choice import chosen_alerts, console_is_needed
from procedures.signals.poller import Held
from procedures.signals.prometheus_rules import RuleAlerts
from procedures.signals.values import Alert, AlertPhase, Alerts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMIT = timedelta(seconds=15)


def _alert(name: str, phase: AlertPhase = AlertPhase.FIRING) -> Alert:
    return Alert(name=name, severity="critical", phase=phase, since=NOW)


def _held(source: str, *alerts: Alert, age_s: float = 0, fault: str = "") -> Held[Alerts]:
    part = Alerts(items=alerts, source=source, at=NOW)
    at = NOW - timedelta(seconds=age_s)
    return Held(part=part, answered_at=at, fault=fault, stale_after=LIMIT)


def _rules(*alerts: Alert, count: int = 1) -> Held[RuleAlerts]:
    part = RuleAlerts(alerts=Alerts(items=alerts, source="prometheus", at=NOW), rules=count)
    return Held(part=part, answered_at=NOW, stale_after=LIMIT)


def test_alertmanager_has_the_first_word() -> None:
    chosen = chosen_alerts(
        _held("alertmanager", _alert("A")),
        _rules(_alert("P", AlertPhase.PENDING), _alert("F")),
        _held("console", _alert("C")),
        NOW,
    )
    assert (chosen.source, [a.name for a in chosen.items]) == ("alertmanager", ["A", "P"])
    assert chosen.fault == ""


def test_one_missed_answer_does_not_yet_change_the_source() -> None:
    manager = _held("alertmanager", _alert("A"), age_s=10, fault="timed out")
    assert chosen_alerts(manager, _rules(), None, NOW).source == "alertmanager"


def test_a_silent_alertmanager_gives_way_and_the_reason_is_said() -> None:
    manager = _held("alertmanager", age_s=16, fault="timed out")
    chosen = chosen_alerts(manager, _rules(_alert("F")), None, NOW)
    assert (chosen.source, chosen.items[0].name) == ("prometheus", "F")
    assert "timed out" in chosen.fault


def test_rules_that_are_not_there_are_no_all_clear() -> None:
    chosen = chosen_alerts(None, _rules(count=0), _held("console", _alert("C")), NOW)
    assert (chosen.source, chosen.items[0].name) == ("console", "C")


def test_when_nobody_answers_the_last_alerts_stay_with_the_fault() -> None:
    chosen = chosen_alerts(None, None, _held("console", _alert("C"), age_s=99), NOW)
    assert [a.name for a in chosen.items] == ["C"]
    assert "no fresh data since" in chosen.fault


def test_nothing_configured_is_not_the_same_as_no_alerts() -> None:
    assert chosen_alerts(None, None, None, NOW).fault


def test_the_console_evaluates_only_when_nobody_else_does() -> None:
    unheard: Held[RuleAlerts] = Held()
    assert not console_is_needed(_held("alertmanager"), None, NOW)
    assert not console_is_needed(None, _rules(), NOW)
    assert not console_is_needed(None, unheard, NOW)
    assert console_is_needed(None, _rules(count=0), NOW)
    assert console_is_needed(None, Held(fault="refused"), NOW)
    assert console_is_needed(_held("alertmanager", age_s=99), None, NOW)
    assert console_is_needed(None, None, NOW)
