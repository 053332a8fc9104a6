from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from procedures.reference.alert_rules import load_alert_rules
from procedures.signals.rule_book import RuleBook
from procedures.signals.values import AlertPhase

T = 1_700_000_000.0


def _book() -> RuleBook:
    return RuleBook(load_alert_rules(), job="svc")


def test_an_alert_is_pending_until_it_has_held_for_its_time() -> None:
    book = _book()
    phases = []
    for minute in (0, 5, 9, 10):
        book.observe(T + 60 * minute, {"HighErrorRate": {(): 6.0}})
        (alert,) = book.alerts()
        phases.append(alert.phase)
        assert alert.since == datetime.fromtimestamp(T, UTC)
    assert phases == [*[AlertPhase.PENDING] * 3, AlertPhase.FIRING]


def test_a_break_starts_the_time_again() -> None:
    book = _book()
    for minute, value in ((0, 6.0), (9, 4.0), (10, 6.0)):
        book.observe(T + 60 * minute, {"HighErrorRate": {(): value}})
    (alert,) = book.alerts()
    assert alert.phase is AlertPhase.PENDING
    assert alert.since == datetime.fromtimestamp(T + 600, UTC)


def test_each_instance_has_an_alert_of_its_own() -> None:
    book = _book()
    book.observe(T, {"ServiceDown": {("a",): 0.0, ("b",): 1.0, ("c",): 0.0}})
    book.observe(T + 60, {"ServiceDown": {("a",): 0.0, ("b",): 0.0}})
    found = [(a.labels["instance"], a.phase) for a in book.alerts()]
    assert sorted(found, key=str) == [("a", AlertPhase.FIRING), ("b", AlertPhase.PENDING)]


def test_no_instance_at_all_is_an_alert_without_an_instance() -> None:
    book = _book()
    book.observe(T, {"ServiceDown": {(): 0.0}})
    (alert,) = book.alerts()
    assert "instance" not in alert.labels
    assert (alert.severity, alert.source) == ("critical", "console")


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_it_fires_exactly_when_the_last_ten_minutes_were_all_bad(minutes: list[bool]) -> None:
    book = _book()
    for minute, bad in enumerate(minutes):
        book.observe(T + 60 * minute, {"HighErrorRate": {(): 6.0 if bad else 4.0}})
    fires = any(alert.phase is AlertPhase.FIRING for alert in book.alerts())
    assert fires == (len(minutes) > 10 and all(minutes[-11:]))
