from pathlib import Path

import pytest

from procedures.errors import PolicyDataError
from procedures.reference.alert_rules import load_alert_rules, read_alert_rules
from procedures.reference.dashboards import load_dashboards, read_dashboards
from procedures.reference.indicators import load_indicators, read_indicators
from procedures.reference.measures import (
    Aggregate,
    Gauge,
    Match,
    MatchOp,
    Rate,
    Ratio,
    Selector,
    total_of,
)
from procedures.reference.selectors import parse_selector
from procedures.reference.states import State

KEY_METRICS = {
    "availability": [(99.9, "ok"), (99.0, "warning"), (98.9, "critical")],
    "p95-latency": [(99.9, "ok"), (100, "warning"), (200, "warning"), (200.1, "critical")],
    "error-rate": [(0.99, "ok"), (1, "warning"), (5, "warning"), (5.01, "critical")],
    "cache-hit-rate": [(80.1, "ok"), (80, "warning"), (70, "warning"), (69.9, "critical")],
    "cpu": [(69.9, "ok"), (70, "warning"), (85, "warning"), (85.1, "critical")],
    "memory": [(69.9, "ok"), (70, "warning"), (85, "warning"), (85.1, "critical")],
}


@pytest.mark.parametrize("indicator", KEY_METRICS)
def test_key_indicators_follow_the_key_metrics_table_with_its_signs(indicator: str) -> None:
    threshold = load_indicators()[indicator].threshold
    assert threshold is not None
    for value, word in KEY_METRICS[indicator]:
        assert threshold.state(value) is State(word), value


def test_exactly_the_six_indicators_of_the_table_are_key() -> None:
    assert {each.id for each in load_indicators().values() if each.key} == KEY_METRICS.keys()


def test_dashboards_have_the_panels_of_the_guide() -> None:
    assert {each.id: len(each.panels) for each in load_dashboards()} == {
        "operations": 12,
        "security": 6,
        "performance": 6,
    }


def test_every_indicator_is_key_or_on_a_dashboard() -> None:
    shown = {panel.indicator for each in load_dashboards() for panel in each.panels}
    assert {each.id for each in load_indicators().values() if not each.key} <= shown


def test_a_rule_on_the_bound_does_not_hold() -> None:
    rules = {rule.name: rule for rule in load_alert_rules()}
    assert [rules["HighLatency"].holds(value) for value in (200.0, 200.1)] == [False, True]
    assert [rules["LowCacheHitRate"].holds(value) for value in (70.0, 69.9)] == [False, True]
    assert not rules["HighLatency"].holds(float("nan"))


def test_the_total_of_cumulative_buckets_is_the_last_one() -> None:
    spread = load_indicators()["latency-spread"].measure
    total = total_of(spread)
    assert isinstance(total, Rate)
    assert total.of[0].where == (Match("le", MatchOp.EQUAL, "+Inf"),)
    assert total.by == ()


def test_selectors_read_as_promql_writes_them() -> None:
    assert parse_selector('http_requests_total{status=~"5..", method!="GET"}') == Selector(
        "http_requests_total",
        (Match("status", MatchOp.REGEX, "5.."), Match("method", MatchOp.NOT_EQUAL, "GET")),
    )


@pytest.mark.parametrize(
    "text", ["", "1x", "up{", 'up{job="a" tier="b"}', "up{job='a'}", 'up{job="a"}x', 'up{="a"}']
)
def test_a_selector_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(PolicyDataError):
        parse_selector(text)


GOOD = """\
[[indicator]]
id = "x"
title = "X"
unit = "%"
about = "x"
measure = { kind = "gauge", metrics = ["up"], aggregate = "avg" }
"""


def test_an_indicator_without_limits_has_no_threshold(tmp_path: Path) -> None:
    indicator = read_indicators(_file(tmp_path, GOOD))["x"]
    assert indicator.threshold is None
    assert indicator.measure == Gauge(of=(Selector("up"),), aggregate=Aggregate.AVG)
    assert indicator.exported_as == ("up",)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("title", "titel"), "title: is missing"),
        (('unit = "%"', "unit = 5"), "unit: is not a string"),
        (('about = "x"', 'about = "x"\ncolour = "red"'), "colour: is not a known key"),
        (('about = "x"', 'about = "x"\ntarget = 5'), "critical: is missing"),
        (('about = "x"', 'about = "x"\ntarget = 5\ncritical = 4'), "target: target 5"),
        (('about = "x"', 'about = "x"\nkey = 1'), "key: is not true or false"),
        (("gauge", "gouge"), "measure: kind: 'gouge' is not known"),
        (("avg", "mean"), "measure: aggregate: 'mean' is not known"),
        (('["up"]', "[]"), "measure: metrics: is empty"),
        (('["up"]', '["up{"]'), "measure: metrics: 'up{' is not a selector"),
        (('"avg"', '"avg", divisor = "cores"'), "measure: divisor: 'cores' is no limit"),
        (('kind = "gauge"', 'kind = "gauge", window_s = 1'), "window_s: is not a known key"),
    ],
)
def test_bad_data_names_file_entry_and_key(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    with pytest.raises(PolicyDataError) as caught:
        read_indicators(_file(tmp_path, GOOD.replace(*change)))
    assert caught.value.what.startswith("policy.toml: indicator x: ")
    assert complaint in caught.value.what
    assert caught.value.fix


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyDataError, match=r"policy\.toml"):
        read_indicators(_file(tmp_path, "["))


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyDataError, match="used twice"):
        read_indicators(_file(tmp_path, GOOD * 2))


def test_an_indicator_cannot_name_an_alert_that_no_rule_has(tmp_path: Path) -> None:
    indicators = read_indicators(_file(tmp_path, GOOD + 'alerts = ["Ghost"]\n'))
    with pytest.raises(PolicyDataError, match="no rule is named Ghost"):
        read_alert_rules(_file(tmp_path, ""), indicators)


def test_a_panel_cannot_name_an_indicator_that_is_not_there(tmp_path: Path) -> None:
    text = '[[dashboard]]\nid = "d"\ntitle = "D"\npanel = [{ title = "T", kind = "stat"'
    with pytest.raises(PolicyDataError, match="panel 1: indicator: 'ghost' is not known"):
        read_dashboards(_file(tmp_path, text + ', indicator = "ghost" }]\n'), {})
    with pytest.raises(PolicyDataError, match="panel 1: note: is missing"):
        read_dashboards(_file(tmp_path, text + " }]\n"), {})


def test_a_ratio_may_compare_a_rate_with_its_own_past() -> None:
    rules = {rule.name: rule for rule in load_alert_rules()}
    measure = rules["UnusualAccessPattern"].measure
    assert isinstance(measure, Ratio)
    assert (measure.window_s, measure.under_window_s) == (300, 3600)


def _file(folder: Path, text: str) -> Path:
    path = folder / "policy.toml"
    path.write_text(text)
    return path
