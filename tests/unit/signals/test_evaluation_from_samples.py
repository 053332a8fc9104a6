import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Limits
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import Gauge, Measure, Promql, Rate, Selector
from procedures.signals.evaluation import Evaluation, Evaluator
from procedures.signals.quantiles import histogram_quantile
from procedures.signals.samples import SampleStore

INDICATORS = load_indicators()


def _store(*series: tuple[str, dict[str, str], list[tuple[float, float]]]) -> SampleStore:
    store = SampleStore(wanted={metric for metric, _, _ in series})
    for metric, labels, samples in series:
        assert store.wants(metric)
        for at, value in samples:
            store.add(metric, tuple(sorted(labels.items())), at, value)
    return store


def _asked(measure: Measure, store: SampleStore, at: float, window_s: int = 60) -> Evaluation:
    return Evaluator(store, at, window_s=window_s, limits=Limits()).evaluate(measure)


def _steady(per_s: float) -> list[tuple[float, float]]:
    return [(1000.0 + second, second * per_s) for second in range(0, 301, 5)]


def test_no_error_yet_is_zero_and_not_empty() -> None:
    store = _store(("config_operations_total", {"operation": "get"}, _steady(10)))
    assert _asked(INDICATORS["error-rate"].measure, store, 1300).value == 0


def test_no_traffic_has_no_error_rate() -> None:
    idle = [(at, 5.0) for at, _ in _steady(1)]
    store = _store(("config_operations_total", {}, idle), ("config_errors_total", {}, idle))
    answer = _asked(INDICATORS["error-rate"].measure, store, 1300)
    assert (answer.value, answer.why_not) == (None, "no traffic")


def test_a_metric_that_nobody_exports_is_named() -> None:
    answer = _asked(INDICATORS["storage"].measure, _store(), 1300)
    assert answer == Evaluation(
        value=None, why_not="not exported by the service (storage_size_bytes)"
    )


def test_no_instance_known_is_no_availability() -> None:
    assert _asked(INDICATORS["availability"].measure, _store(), 1300).value == 0


def test_a_tier_with_misses_only_has_a_hit_rate_of_zero() -> None:
    store = _store(
        ("cache_hits_total", {"tier": "l1"}, _steady(9)),
        ("cache_misses_total", {"tier": "l1"}, _steady(1)),
        ("cache_misses_total", {"tier": "l2"}, _steady(1)),
    )
    groups = _asked(INDICATORS["cache-tiers"].measure, store, 1300).groups
    assert groups == pytest.approx({("l1",): 90.0, ("l2",): 0.0})


def test_a_restarted_instance_does_not_make_a_rate_negative() -> None:
    samples = [(1000.0, 900.0), (1010.0, 1000.0), (1020.0, 50.0), (1030.0, 150.0)]
    store = _store(("c", {}, samples))
    answer = _asked(Rate(of=(Selector("c"),), window_s=30), store, 1030)
    assert answer.value == pytest.approx((100 + 50 + 100) / 30)


def test_two_scrapes_are_enough_for_an_honest_rate() -> None:
    """Over five minutes that nobody watched the same increase would look a hundred times better."""
    store = _store(("process_cpu_seconds_total", {}, [(1000.0, 50.0), (1002.0, 53.8)]))
    assert _asked(INDICATORS["cpu"].measure, store, 1002, 300).value == pytest.approx(95)


def test_a_value_older_than_the_lookback_is_no_value() -> None:
    store = _store(("g", {}, [(1000.0, 1.0)]))
    gauge = Gauge(of=(Selector("g"),))
    assert _asked(gauge, store, 1299).value == 1
    assert _asked(gauge, store, 1300).why_not == "no data"


def test_an_instance_that_stopped_answering_keeps_no_value() -> None:
    store = _store(
        ("g", {"instance": "a"}, [(1000.0, 1.0)]), ("g", {"instance": "b"}, [(1005.0, 2.0)])
    )
    store.end_missing("instance", "a", 1005)
    assert _asked(Gauge(of=(Selector("g"),)), store, 1006).value == 2


def test_raw_promql_says_that_it_needs_a_server() -> None:
    assert _asked(Promql(query="up"), _store(), 0).why_not == "needs a Prometheus server"


def test_memory_stays_bounded_however_long_it_runs() -> None:
    store = SampleStore(wanted={"c"}, horizon_s=3900)
    for at in range(0, 20_000, 5):
        store.add("c", (), float(at), float(at))
        store.prune(float(at))
    (series,) = store.select(Selector("c"))
    assert len(series.times) < 500
    assert series.times[0] >= 19_995 - 3960


@given(
    st.dictionaries(st.floats(0.001, 100), st.floats(0, 1e6), min_size=1, max_size=12),
    st.floats(0.01, 0.99),
)
def test_a_quantile_lies_within_the_buckets(shares: dict[float, float], q: float) -> None:
    total = 0.0
    buckets = {}
    for bound in sorted(shares):
        total += shares[bound]
        buckets[bound] = total
    buckets[math.inf] = total
    value = histogram_quantile(q, buckets)
    if total == 0:
        assert math.isnan(value)
    else:
        assert 0 <= value <= max(shares)


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=60))
def test_a_counter_never_falls_whatever_it_reports(values: list[float]) -> None:
    samples = [(1000.0 + 5 * index, value) for index, value in enumerate(values)]
    rate = _asked(
        Rate(of=(Selector("c"),), window_s=301), _store(("c", {}, samples)), samples[-1][0]
    )
    assert rate.value is not None
    assert rate.value >= 0
