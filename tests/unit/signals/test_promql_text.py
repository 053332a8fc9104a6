import pytest

from procedures.environment import Limits
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import (
    Aggregate,
    Gauge,
    Growth,
    Match,
    MatchOp,
    Measure,
    Promql,
    Rate,
    Selector,
)
from procedures.signals.promql import render, window_over

HITS, MISSES = "cache_hits_total", "cache_misses_total"


def _written(measure: Measure, window_s: int = 300) -> str:
    return render(measure, job="svc", window_s=window_s, limits=Limits()).replace('{job="svc"}', "")


@pytest.mark.parametrize(
    ("indicator", "query"),
    [
        ("availability", "(avg(up) or vector(0)) * 100"),
        (
            "p95-latency",
            "histogram_quantile(0.95, "
            "sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) * 1000",
        ),
        (
            "error-rate",
            "(sum(rate(config_errors_total[5m])) or vector(0)) / "
            "sum(rate(config_operations_total[5m])) * 100",
        ),
        ("cpu", "max(rate(process_cpu_seconds_total[5m])) * 100 / 2"),
        (
            "memory",
            "(max(process_resident_memory_bytes) or max(system_memory_usage_bytes))"
            " * 100 / 2147483648",
        ),
        ("operations", "sum by (operation) (rate(config_operations_total[5m]))"),
    ],
)
def test_indicators_are_asked_in_the_corrected_forms(indicator: str, query: str) -> None:
    assert _written(load_indicators()[indicator].measure) == query


def test_every_series_of_every_indicator_is_the_jobs_own() -> None:
    for indicator in load_indicators().values():
        text = render(indicator.measure, job="svc", window_s=300, limits=Limits())
        assert text.count('job="svc"') == sum(
            text.count(name + "{") for name in indicator.exported_as
        )


def test_a_condition_without_series_counts_zero_as_long_as_the_metric_exists() -> None:
    measure = Rate(of=(Selector("r", (Match("status", MatchOp.EQUAL, "429"),)),))
    expected = '(sum(rate(r{status="429", job="svc"}[5m])) or sum(rate(r[5m])) * 0)'
    assert _written(measure) == expected


def test_the_environments_window_takes_the_place_of_the_standard_one_only() -> None:
    assert "[30s]" in _written(Rate(of=(Selector("r"),)), window_s=30)
    assert "[1h]" in _written(Growth(of=Selector("g")), window_s=30)


def test_an_absent_group_still_counts_when_there_is_a_breakdown() -> None:
    up = Gauge(of=(Selector("up"),), aggregate=Aggregate.MIN, by=("instance",), if_absent=0)
    assert _written(up) == "min by (instance) (up) or on() vector(0)"


def test_a_time_stamp_becomes_the_seconds_since() -> None:
    started = Gauge(of=(Selector("start"),), aggregate=Aggregate.MIN, since=True)
    assert _written(started) == "min(time() - start)"


def test_a_job_with_quotes_cannot_leave_its_string() -> None:
    text = render(Rate(of=(Selector("r"),)), job='a"} or up{x="', window_s=300, limits=Limits())
    assert text == 'sum(rate(r{job="a\\"} or up{x=\\""}[5m]))'


def test_raw_promql_is_left_alone() -> None:
    assert _written(Promql(query="vector(1)")) == "vector(1)"


def test_a_coarse_range_leaves_no_gap_between_its_windows() -> None:
    assert window_over(15, 300) == 300
    assert window_over(1530, 300) == 1530
