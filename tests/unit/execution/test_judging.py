"""What is not known never passes; what is known is held against the document's words."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.execution.checks import judging
from procedures.execution.checks.judging import HttpAnswer
from procedures.reference.states import State
from procedures.runbook.assertions import (
    AlertFiring,
    BackupFresh,
    Comparison,
    HealthComponent,
    HealthStatus,
    HttpStatus,
    IndicatorState,
    IndicatorValue,
    LogsFree,
    MetricIncreasing,
    ServiceReady,
)
from procedures.signals.values import (
    Alert,
    AlertPhase,
    Alerts,
    Backups,
    Component,
    Health,
    History,
    Reading,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(seconds=1)
OK_IS = IndicatorState(text="t", line=1, indicator="p95", word="ok")
BELOW = IndicatorValue(text="t", line=1, indicator="e", comparison=Comparison.LESS, bound=1.0)
BELOW_5M = IndicatorValue(
    text="t", line=1, indicator="e", comparison=Comparison.LESS, bound=1.0, for_s=300
)


def reading(value: float | None = 0.5, state: State = State.OK, fault: str = "") -> Reading:
    return Reading(indicator="e", state=state, value=value, at=NOW, fault=fault)


def history(*values: float, start: datetime = NOW - timedelta(seconds=330)) -> History:
    return History(indicator="e", start=start, step_s=30, values=values)


@pytest.mark.parametrize(
    ("health", "passed"),
    [
        (Health(state=State.OK, word="healthy"), True),
        (Health(state=State.WARNING, word="degraded"), False),
        (Health(state=State.UNKNOWN, word="healthy", fault="too old"), None),
        (Health(state=State.UNKNOWN, word="no answer"), None),
    ],
)
def test_the_service_is_healthy_only_when_it_says_so(health: Health, passed: bool | None) -> None:
    assertion = HealthStatus(text="t", line=1, word="healthy")
    assert judging.judge_health(assertion, health).passed is passed


@pytest.mark.parametrize(
    ("components", "passed"),
    [
        ((Component(name="cache", state=State.OK, word="healthy", duration_ms=5),), True),
        ((Component(name="cache", state=State.OK, word="healthy", duration_ms=5.1),), False),
        ((Component(name="cache", state=State.OK, word="healthy"),), None),
        ((Component(name="cache", state=State.WARNING, word="degraded", duration_ms=1),), False),
        ((Component(name="disk", state=State.OK, word="healthy", duration_ms=1),), None),
        ((), None),
    ],
)
def test_a_component_that_is_not_reported_is_not_healthy(
    components: tuple[Component, ...], passed: bool | None
) -> None:
    assertion = HealthComponent(text="t", line=1, component="cache", word="healthy", within_ms=5)
    health = Health(state=State.OK, word="healthy", components=components)
    assert judging.judge_component(assertion, health).passed is passed


@pytest.mark.parametrize(
    ("answer", "passed"),
    [((200, 99), True), ((404, 1), True), ((200, 101), False), ((503, 1), False)],
)
def test_an_http_check_wants_status_and_time(answer: tuple[int, float], passed: bool) -> None:
    assertion = HttpStatus(
        text="t", line=1, verb="GET", url="u", statuses=(200, 404), within_ms=100
    )
    assert judging.judge_http(assertion, HttpAnswer(*answer)).passed is passed


@pytest.mark.parametrize(
    ("known", "since", "passed"),
    [
        (reading(), None, True),
        (reading(), EARLIER, True),
        (reading(), NOW + timedelta(seconds=1), None),
        (reading(state=State.WARNING), None, False),
        (reading(state=State.UNKNOWN), None, None),
        (reading(None), None, None),
        (reading(fault="the source is down for 3 min"), None, None),
        (None, None, None),
    ],
)
def test_an_indicator_that_is_unknown_stale_or_older_than_the_command_does_not_pass(
    known: Reading | None, since: datetime | None, passed: bool | None
) -> None:
    assert judging.judge_indicator_state(OK_IS, known, since=since).passed is passed
    verdict = judging.judge_indicator_value(BELOW, known, None, now=NOW, since=since)
    if known is None or known.state is not State.WARNING:
        assert verdict.passed is passed


@pytest.mark.parametrize(
    ("past", "passed"),
    [
        (history(*[0.5] * 12), True),
        (history(*[0.5] * 5, 1.0, *[0.5] * 6), False),
        (history(9.0, *[0.5] * 11), True),
        (history(*[0.5] * 5, math.nan, *[0.5] * 6), None),
        (history(*[0.5] * 5), None),
        (history(*[0.5] * 4, start=NOW - timedelta(seconds=90)), None),
        (history(), None),
        (None, None),
    ],
)
def test_for_five_minutes_means_every_point_of_them(
    past: History | None, passed: bool | None
) -> None:
    verdict = judging.judge_indicator_value(BELOW_5M, reading(), past, now=NOW, since=None)
    assert verdict.passed is passed


@given(value=st.floats(allow_nan=False), bound=st.floats(allow_nan=False))
def test_comparisons_compare(value: float, bound: float) -> None:
    verdicts = {
        comparison: judging.judge_indicator_value(
            IndicatorValue(text="t", line=1, indicator="e", comparison=comparison, bound=bound),
            reading(value),
            None,
            now=NOW,
            since=None,
        ).passed
        for comparison in Comparison
    }
    assert verdicts == {
        Comparison.LESS: value < bound,
        Comparison.AT_MOST: value <= bound,
        Comparison.MORE: value > bound,
        Comparison.AT_LEAST: value >= bound,
    }


@pytest.mark.parametrize(
    ("alerts", "firing", "passed"),
    [
        (Alerts(at=NOW), False, True),
        (Alerts(at=NOW), True, False),
        (Alerts(), False, None),
        (Alerts(at=NOW, fault="no answer"), False, None),
        (Alerts(at=EARLIER - timedelta(seconds=9)), False, None),
    ],
)
def test_no_alert_is_good_news_only_when_alerts_were_read(
    alerts: Alerts, firing: bool, passed: bool | None
) -> None:
    assertion = AlertFiring(text="t", line=1, alert="ServiceDown", firing=firing)
    assert judging.judge_alert(assertion, alerts, since=EARLIER).passed is passed


@pytest.mark.parametrize(
    ("phase", "fires"), [(AlertPhase.FIRING, True), (AlertPhase.PENDING, False)]
)
def test_a_pending_alert_does_not_fire_yet(phase: AlertPhase, fires: bool) -> None:
    alert = Alert(name="ServiceDown", severity="critical", phase=phase, since=None)
    assertion = AlertFiring(text="t", line=1, alert="ServiceDown", firing=True)
    assert (
        judging.judge_alert(assertion, Alerts(items=(alert,), at=NOW), since=None).passed is fires
    )


@pytest.mark.parametrize(
    ("before", "after", "passed"),
    [(1, 2, True), (2, 2, False), (2, 1, None), (math.nan, 1, None), (1, math.nan, None)],
)
def test_a_counter_that_restarted_says_nothing(
    before: float, after: float, passed: bool | None
) -> None:
    assertion = MetricIncreasing(text="t", line=1, metric="m")
    assert judging.judge_increase(assertion, before, after).passed is passed


@pytest.mark.parametrize(
    ("ready", "at_least", "passed"),
    [(3, False, True), (2, False, False), (4, False, False), (4, True, True), (2, True, False)],
)
def test_ready_instances_are_counted_exactly_unless_at_least(
    ready: int, at_least: bool, passed: bool
) -> None:
    assertion = ServiceReady(text="t", line=1, count=3, at_least=at_least)
    assert judging.judge_ready(assertion, ready).passed is passed


def test_the_latest_bad_log_line_is_shown_on_one_clean_line() -> None:
    assertion = LogsFree(text="t", line=1, word="ERROR", window_s=300)
    lines = ["INFO fine", "ERROR old", "ERROR \x1b[31mnew\x1b[0m"]
    assert judging.judge_logs(assertion, lines).detail == "2 lines, the latest: ERROR new"
    assert judging.judge_logs(assertion, lines[:1]).passed is True


@pytest.mark.parametrize(
    ("backups", "passed"),
    [
        (Backups(state=State.OK, newest="b", newest_at=NOW - timedelta(hours=24)), True),
        (Backups(state=State.OK, newest="b", newest_at=NOW - timedelta(hours=25)), False),
        (Backups(state=State.CRITICAL), False),
        (Backups(state=State.UNKNOWN, fault="not readable"), None),
        (Backups(state=State.CRITICAL, newest="b", newest_at=NOW, fault="it is damaged"), None),
        (Backups(state=State.UNKNOWN, newest="b", newest_at=NOW, fault="s3", partly=True), True),
        (Backups(state=State.UNKNOWN, fault="s3", partly=True), None),
        (
            Backups(
                state=State.UNKNOWN,
                newest="b",
                newest_at=NOW - timedelta(hours=25),
                fault="s3",
                partly=True,
            ),
            None,
        ),
    ],
)
def test_a_backup_is_fresh_or_it_is_not(backups: Backups, passed: bool | None) -> None:
    assertion = BackupFresh(text="t", line=1, max_age_s=25 * 3600)
    assert judging.judge_backup(assertion, backups, now=NOW).passed is passed
