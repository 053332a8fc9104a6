"""What the answers of one server say of its targets: nothing, zero and 0/0 are three things."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from procedures.environment import Endpoint, Environment, Limits, Method, Tier
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.fleet.grouping import FIRING, SEEN, Target, grouped_queries, targets_of
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import Promql, total_of
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold
from procedures.signals.promql import render
from procedures.signals.promql_client import Point

NOW = datetime(2026, 3, 4, 3, 12, 40, tzinfo=UTC)
KEY = {name: each for name, each in load_indicators().items() if each.key}
NONE: Mapping[str, str] = {}
SERVER = Endpoint(url="http://prometheus.example.org")
WELL = {
    "availability": 100.0,
    "p95-latency": 46.0,
    "error-rate": 0.2,
    "cache-hit-rate": 91.0,
    "cpu": 60.0,
    "memory": 40.0 * 1024**3,
}
"""As the server says it: CPU and memory not yet divided by what the target may use."""


def answers(targets: Mapping[str, Mapping[str, float]]) -> dict[str, list[Point]]:
    points: dict[str, list[Point]] = {}
    for target, values in targets.items():
        for name, value in values.items():
            point = Point(labels={"environment": target}, at=NOW.timestamp(), value=value)
            points.setdefault(name, []).append(point)
    return points


def judged(
    points: dict[str, list[Point]], fleet: Fleet | None = None, refused: Mapping[str, str] = NONE
) -> Mapping[str, Target]:
    fleet = fleet or Fleet(settings=FleetSettings(prometheus=SERVER))
    return targets_of(points, KEY.values(), fleet, now=NOW, refused=refused)


def test_each_indicator_is_one_query_for_all_targets() -> None:
    queries = grouped_queries(KEY.values(), FleetSettings(by="cluster", job="svc"))
    assert queries.keys() == {*KEY, SEEN, FIRING}
    assert queries["availability"] == ('avg by (cluster) (up{job="svc", cluster!=""}) * 100')
    assert queries["p95-latency"] == (
        "histogram_quantile(0.95, sum by (cluster, le) "
        '(rate(http_request_duration_seconds_bucket{job="svc", cluster!=""}[5m]))) * 1000'
    )
    errors, all_ = (
        f'sum by (cluster) (rate(config_{name}_total{{job="svc", cluster!=""}}[5m]))'
        for name in ("errors", "operations")
    )
    assert queries["error-rate"] == f"({errors} or {all_} * 0) / {all_} * 100"
    assert queries["memory"].endswith('cluster!=""})) * 100')
    assert queries[FIRING] == (
        'count by (cluster, severity) (ALERTS{alertstate="firing", cluster!=""})'
    )


def test_a_label_that_needs_quoting_is_quoted() -> None:
    text = render(
        total_of(KEY["cpu"].measure),
        job="svc", window_s=300, limits=Limits(), labels={"environment": 'a"b\\'},
    )  # fmt: skip
    assert 'environment="a\\"b\\\\"' in text


def test_a_raw_query_is_neither_narrowed_nor_parted() -> None:
    from procedures.errors import SourceError

    measure = Promql(query="up")
    for how in ({"labels": {"environment": "eu"}}, {"each": "environment"}):
        with pytest.raises(SourceError, match="part of a server's series"):
            render(measure, job="svc", window_s=300, limits=Limits(), **how)


def test_a_target_that_is_in_no_answer_is_not_there_and_not_zero() -> None:
    found = judged(answers({"eu": WELL}))
    assert found.keys() == {"eu"}
    assert found["eu"].state is State.OK


def test_a_missing_series_is_no_data_and_a_share_of_nothing_no_traffic() -> None:
    without = {name: value for name, value in WELL.items() if name != "cpu"}
    target = judged(answers({"eu": {**without, "error-rate": float("nan")}}))["eu"]
    assert (target.readings["cpu"].state, target.readings["cpu"].fault) == (
        State.UNKNOWN,
        "no data",
    )
    assert target.readings["error-rate"].fault == "no traffic"
    assert target.state is State.UNKNOWN


def test_zero_is_a_value() -> None:
    target = judged(answers({"eu": {**WELL, "error-rate": 0.0}}))["eu"]
    assert (target.readings["error-rate"].value, target.state) == (0.0, State.OK)


def test_a_target_with_series_and_without_instances_is_not_available() -> None:
    values = {name: value for name, value in WELL.items() if name != "availability"}
    target = judged(answers({"eu": values}))["eu"]
    assert (target.readings["availability"].value, target.state) == (0.0, State.CRITICAL)


def test_what_was_measured_long_ago_is_unknown() -> None:
    points = answers({"eu": {**WELL, SEEN: NOW.timestamp() - 90}, "us": WELL})
    found = judged(points)
    assert found["eu"].state is State.UNKNOWN
    assert found["eu"].fault == "the newest data is 90 s old"
    assert found["eu"].at == NOW - timedelta(seconds=90)
    assert all(each.state is State.UNKNOWN for each in found["eu"].readings.values())
    assert found["us"].state is State.OK


def test_each_environment_has_its_own_limits_and_thresholds() -> None:
    large = Environment(
        name="production",
        tier=Tier.PRODUCTION,
        method=Method.KUBERNETES,
        fleet_label="eu",
        limits=Limits(cpu_cores=10, memory_bytes=100.0 * 1024**3),
        thresholds={"p95-latency": Threshold(target=10, critical=20)},
    )
    fleet = fleet_of(FleetSettings(prometheus=SERVER), {"production": large})
    found = judged(answers({"eu": WELL, "us": WELL}), fleet)
    assert found["eu"].readings["cpu"].value == pytest.approx(6)
    assert found["us"].readings["cpu"].value == pytest.approx(30)
    assert found["eu"].readings["memory"].value == pytest.approx(0.4)
    assert found["eu"].state is State.CRITICAL
    assert found["us"].readings["p95-latency"].state is State.OK


def test_firing_alerts_count_and_one_that_cannot_be_asked_for_is_no_zero() -> None:
    points = answers({"eu": WELL, "us": WELL})
    points[FIRING] = [
        Point(labels={"environment": "eu", "severity": severity}, at=NOW.timestamp(), value=count)
        for severity, count in (("warning", 2.0), ("info", 1.0))
    ]
    found = judged(points)
    assert (found["eu"].firing, found["eu"].state) == (3, State.WARNING)
    assert (found["us"].firing, found["us"].state) == (0, State.OK)
    silent = judged(points, refused={FIRING: "too many series"})
    assert (silent["us"].firing, silent["us"].state) == (None, State.UNKNOWN)


def test_an_alert_alone_makes_no_target() -> None:
    points = answers({"eu": WELL})
    points[FIRING] = [Point(labels={"environment": "gone"}, at=NOW.timestamp(), value=1.0)]
    assert judged(points).keys() == {"eu"}


def test_a_refused_query_is_told_at_its_own_indicator() -> None:
    values = {name: value for name, value in WELL.items() if name != "cpu"}
    target = judged(answers({"eu": values}), refused={"cpu": "too many samples"})["eu"]
    assert target.readings["cpu"].fault == "too many samples"
    assert target.readings["memory"].state is State.OK
