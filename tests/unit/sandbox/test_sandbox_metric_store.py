"""The sandbox's metrics as Prometheus' own parser reads them."""

import math

from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from procedures.sandbox.families import FAMILIES
from procedures.sandbox.history import SPAN_S, STEP_S, History
from procedures.sandbox.latency import Lognormal
from procedures.sandbox.metric_store import Family, MetricStore, exposition
from procedures.sandbox.pace import Pace
from procedures.sandbox.past import FAULT_BEGAN_S, live_through
from procedures.sandbox.service import Service

COUNTER = Family(name="words_total", kind="counter", help="Words", labels=("word",))
TIMES = Family(name="times_seconds", kind="histogram", help="Times", bounds=(0.1, 1.0))


@example(label='two\nlines, "quoted" \\', amount=0.5)
@given(label=st.text(), amount=st.floats(0.001, 1e12))
def test_any_label_and_number_survives_the_exposition(label: str, amount: float) -> None:
    store = MetricStore([COUNTER])
    store.add("words_total", amount, label)
    (family,) = text_string_to_metric_families(exposition(store.samples()))
    (sample,) = family.samples
    assert (sample.labels, sample.value) == ({"word": label}, amount)


def test_a_labelled_family_has_no_series_before_its_first_use() -> None:
    store = MetricStore([COUNTER])
    store.add("words_total", 0, "x")
    assert list(store.samples()) == []


@given(
    counts=st.lists(st.floats(0, 1e6), min_size=1, max_size=8),
    median=st.floats(0.001, 5),
    sigma=st.floats(0.1, 2),
)
def test_buckets_never_fall_and_end_at_the_count(
    counts: list[float], median: float, sigma: float
) -> None:
    store = MetricStore([TIMES])
    for count in counts:
        store.observe_many("times_seconds", count, Lognormal(median, sigma))
    store.observe("times_seconds", 0.5)
    values = [sample.value for sample in store.samples()]
    *buckets, infinite, count, _ = values
    assert buckets == sorted(buckets)
    assert infinite == count >= buckets[-1]


def test_single_observations_and_a_distribution_agree() -> None:
    assert Lognormal(0.05, 0.5).shares((0.05, math.inf)) == (0.5, 1.0)


def test_what_was_dumped_is_loaded_again() -> None:
    service = Service(now=1.7e9, seed=1, pace=Pace())
    service.advance(60)
    store, copy = service.fleet.replicas[0].store, MetricStore(FAMILIES)
    copy.load(store.dump())
    assert exposition(copy.samples()) == exposition(store.samples())


def test_the_past_hour_begins_faults_in_time_for_their_alerts() -> None:
    now = 1.7e9
    service = Service(now=now - SPAN_S, seed=1, pace=Pace())
    history = History()
    live_through(service, history, ["a:1", "b:2", "c:3"], ["replica-crash"])
    families = {f.name: f for f in text_string_to_metric_families("".join(history.exposition()))}
    down = [s for s in families["up"].samples if s.value == 0]
    assert {s.labels["instance"] for s in down} == {"b:2"}
    assert (
        min(float(s.timestamp) for s in down if s.timestamp is not None)
        == now - FAULT_BEGAN_S + STEP_S
    )
    assert len(families["up"].samples) == 3 * SPAN_S / STEP_S
    assert "http_request_duration_seconds" in families
