"""The same series to a real Prometheus and to our own evaluation: both must say the same."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from procedures.environment import Endpoint, Limits
from procedures.reference.alert_rules import load_alert_rules
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import Measure
from procedures.signals.evaluation import Evaluator
from procedures.signals.exposition import ExpositionReader
from procedures.signals.prometheus_meter import PrometheusMeter
from procedures.signals.samples import SampleStore
from tests.prometheus_stack import JOB, missing_programs, running_prometheus

pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {missing_programs()}"),
]

START = 1_700_000_000
SECONDS = 5400
EVERY = 15
STEP = 60

MEASURES: dict[str, Measure] = {
    **{name: each.measure for name, each in load_indicators().items()},
    **{rule.name: rule.measure for rule in load_alert_rules()},
}


@pytest.fixture(scope="module")
def samples() -> list[str]:
    """Ninety minutes of two instances: counters with resets, gauges, histograms, a gap."""
    chance = random.Random(7)
    return sorted(_samples(chance), key=lambda line: (line.partition(" ")[0], _at(line)))


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, samples: list[str]) -> Iterator[str]:
    """A Prometheus that holds them."""
    text = "\n".join([*samples, "# EOF\n"])
    with running_prometheus(tmp_path_factory.mktemp("past"), text) as address:
        yield address


@pytest.fixture(scope="module")
def store(samples: list[str]) -> SampleStore:
    """Our own store of them, read as the history of a service is read."""
    store = SampleStore(wanted={line.partition("{")[0] for line in samples}, horizon_s=1e9)
    in_order = sorted(samples, key=_at)
    text = "\n".join(f"{line}000" for line in in_order)
    for sample in ExpositionReader().read(text):
        assert sample.at is not None
        assert store.wants(sample.metric)
        store.add(sample.metric, sample.labels, sample.at, sample.value)
    return store


async def test_every_indicator_and_rule_agrees_with_prometheus_at_every_minute(
    prometheus: str, store: SampleStore
) -> None:
    start, end = START + 3700, START + SECONDS
    meter = PrometheusMeter(
        Endpoint(url=prometheus),
        job=JOB,
        window_s=300,
        limits=Limits(),
        interval_s=5,
        timeout_s=10,
        clock=_Fixed(),
    )
    tracks = await meter.ask_past(MEASURES, start=start, end=end, step_s=STEP)
    await meter.aclose()
    compared = 0
    for name, measure in MEASURES.items():
        by = bool(getattr(measure, "by", ()))
        for position, at in enumerate(range(start, end + 1, STEP)):
            answer = Evaluator(store, at, window_s=300, limits=Limits()).evaluate(measure)
            ours = answer.groups if by else {(): answer.value}
            theirs = {group: values[position] for group, values in tracks[name].items()}
            known = {group: value for group, value in theirs.items() if not math.isnan(value)}
            assert {g: v for g, v in ours.items() if v is not None} == pytest.approx(
                known, rel=1e-6, abs=1e-9
            ), (name, at)
            compared += len(known)
    assert compared > 30 * len(MEASURES)


def _at(line: str) -> int:
    return int(line.rpartition(" ")[2])


class _Fixed:
    def now(self) -> datetime:
        return datetime.fromtimestamp(START + SECONDS, UTC)


def _samples(chance: random.Random) -> Iterator[str]:
    for number in (1, 2):
        where = f'job="{JOB}",instance="10.0.0.{number}:9090"'
        counters = {series: chance.uniform(0, 1000) for series in _COUNTERS}
        for at in range(START, START + SECONDS + 1, EVERY):
            if number == 2 and 4000 < at - START < 4400:  # a gap, and a restart after it
                counters = dict.fromkeys(counters, 0.0)
                yield f"up{{{where}}} 0 {at}"
                continue
            yield f"up{{{where}}} 1 {at}"
            for metric, labels in _GAUGES:
                yield f"{metric}{{{_joined(where, labels)}}} {chance.uniform(1e3, 1e9):.0f} {at}"
            for series in _COUNTERS:
                counters[series] += chance.expovariate(0.1)
                metric, labels = series
                yield f"{metric}{{{_joined(where, labels)}}} {counters[series]:.3f} {at}"
            yield from _buckets(where, at, counters)


def _buckets(where: str, at: int, counters: dict[tuple[str, str], float]) -> Iterator[str]:
    """Yield cumulative buckets that grow with the counters, so that they reset with them."""
    for metric, bounds in _HISTOGRAMS.items():
        total = 0.0
        for bound, grown in zip((*bounds, "+Inf"), counters.values(), strict=False):
            total += round(grown)
            labels = _joined(where, f'operation="set",le="{bound}"')
            yield f"{metric}{{{labels}}} {total} {at}"


def _joined(where: str, labels: str) -> str:
    return f"{where},{labels}" if labels else where


_GAUGES = (
    ("process_resident_memory_bytes", ""),
    ("storage_size_bytes", ""),
    ("system_uptime_seconds", ""),
    ("audit_queue_size", ""),
    ("config_active_total", 'environment="production"'),
    ("config_active_total", 'environment="staging"'),
)

_COUNTERS = (
    ("config_operations_total", 'operation="get"'),
    ("config_operations_total", 'operation="set"'),
    ("config_errors_total", 'error_type="timeout"'),
    ("cache_hits_total", 'tier="l1"'),
    ("cache_hits_total", 'tier="l2"'),
    ("cache_misses_total", 'tier="l2"'),
    ("cache_misses_total", 'tier="l3"'),
    ("cache_evictions_total", 'tier="l1"'),
    ("process_cpu_seconds_total", ""),
    ("http_requests_total", 'status="200"'),
    ("http_requests_total", 'status="503"'),
    ("rbac_permission_checks_total", 'resource="config"'),
    ("audit_events_total", 'event_type="config_updated"'),
    ("crypto_encryption_errors_total", ""),
    ("storage_errors_total", 'error_type="io"'),
)

_HISTOGRAMS = {
    "http_request_duration_seconds_bucket": (0.005, 0.05, 0.1, 0.5, 1.0),
    "config_operation_duration_seconds_bucket": (0.01, 0.1, 1.0),
    "storage_operation_duration_seconds_bucket": (0.01, 0.1, 1.0),
    "crypto_operation_duration_seconds_bucket": (0.001, 0.01),
}
