"""The check vocabulary is closed: a line is one of its forms, or refused with advice."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.runbook.assertion_parser import EXAMPLES, AssertionSyntaxError, parse_assertion
from procedures.runbook.assertions import (
    AlertFiring,
    Assertion,
    BackupFresh,
    Comparison,
    DiskFree,
    FileExists,
    HealthComponent,
    HealthStatus,
    HttpStatus,
    IndicatorState,
    IndicatorValue,
    LogsFree,
    MemoryFree,
    MetricIncreasing,
    PortListening,
    ServiceReady,
)

LINES: dict[str, Assertion] = {
    text: value
    for value in (
        HealthStatus(text="health status is healthy", line=7, word="healthy"),
        HealthComponent(
            text="health component cache is healthy within 5ms",
            line=7,
            component="cache",
            word="healthy",
            within_ms=5.0,
        ),
        HealthComponent(
            text="health component disk is degraded", line=7, component="disk", word="degraded"
        ),
        HttpStatus(
            text="http GET $API/health is 200 or 404 within 0.5s",
            line=7,
            verb="GET",
            url="$API/health",
            statuses=(200, 404),
            within_ms=500.0,
        ),
        IndicatorState(
            text="indicator p95-latency is ok", line=7, indicator="p95-latency", word="ok"
        ),
        IndicatorValue(
            text="indicator error-rate < 1% for 5m",
            line=7,
            indicator="error-rate",
            comparison=Comparison.LESS,
            bound=1.0,
            unit="%",
            for_s=300.0,
        ),
        IndicatorValue(
            text="indicator p95-latency <= 99.5ms",
            line=7,
            indicator="p95-latency",
            comparison=Comparison.AT_MOST,
            bound=99.5,
            unit="ms",
        ),
        AlertFiring(
            text="alert ServiceDown is not firing", line=7, alert="ServiceDown", firing=False
        ),
        AlertFiring(text="alert ServiceDown is firing", line=7, alert="ServiceDown", firing=True),
        MetricIncreasing(text="metric a_total is increasing", line=7, metric="a_total"),
        ServiceReady(text="service has 3 ready", line=7, count=3),
        ServiceReady(text="service has at least 2 ready", line=7, count=2, at_least=True),
        LogsFree(text="logs have no ERROR in 1h30m", line=7, word="ERROR", window_s=5400.0),
        BackupFresh(text="backup is younger than 25h", line=7, max_age_s=90000.0),
        BackupFresh(
            text="backup is younger than 1d and verified",
            line=7,
            max_age_s=86400.0,
            verified=True,
        ),
        DiskFree(
            text="disk $DATA_DIR has 10GiB free",
            line=7,
            path="$DATA_DIR",
            free_bytes=10 * 1024.0**3,
        ),
        MemoryFree(text="memory has 500MB free", line=7, free_bytes=5e8),
        PortListening(text="port 8080 is listening", line=7, port="8080"),
        FileExists(text="file /etc/x.yaml exists", line=7, path="/etc/x.yaml"),
    )
    for text in [value.text]
}


@pytest.mark.parametrize("text", LINES)
def test_each_form_says_exactly_what_it_says(text: str) -> None:
    assert parse_assertion(text, 7) == LINES[text]


@given(st.sampled_from(sorted(LINES)), st.integers(1, 5))
def test_white_space_never_changes_what_a_check_means(text: str, width: int) -> None:
    spaced = parse_assertion(f"  {text.replace(' ', ' ' * width)} ", 7)
    plain = parse_assertion(text, 7)
    fields = set(plain.__dataclass_fields__) - {"text"}
    assert all(getattr(spaced, name) == getattr(plain, name) for name in fields)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_form_that_is_taught_is_accepted(example: str) -> None:
    assert parse_assertion(example, 1).text == example


@pytest.mark.parametrize(
    ("text", "taught"),
    [
        ("helth status is healthy", "health status is healthy"),
        ("health status is fine", "health status is healthy"),
        ("indicator p95-latency is okay", "indicator p95-latency is ok"),
        ("indicator error-rate < 1s", "indicator error-rate < 1% for 5m"),
        ("alert ServiceDown is quiet", "alert ServiceDown is not firing"),
        ("servce has 3 ready", "service has at least 3 ready"),
        ("backup is younger than yesterday", "backup is younger than 25h and verified"),
        ("disk / has 10 free", "disk $DATA_DIR has 10GiB free"),
        ("http POST $API is 200", "http GET $API/health is 200 within 100ms"),
    ],
)
def test_a_line_outside_the_vocabulary_is_answered_with_the_nearest_form(
    text: str, taught: str
) -> None:
    with pytest.raises(AssertionSyntaxError) as refused:
        parse_assertion(text, 1)
    assert taught in refused.value.fix


@given(st.text() | st.lists(st.sampled_from(" ".join(EXAMPLES).split())).map(" ".join))
def test_any_line_is_an_assertion_or_refused(text: str) -> None:
    with contextlib.suppress(AssertionSyntaxError):
        assert parse_assertion(text, 3).line == 3
