"""All targets at once to a real Prometheus, and each by itself: both must say the same."""

import math
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from procedures.environment import Endpoint, Limits
from procedures.reference.alert_rules import load_alert_rules
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import Gauge, Measure, total_of
from procedures.signals.prometheus_meter import PrometheusMeter
from procedures.signals.promql import render
from procedures.signals.promql_client import PromqlClient
from tests.prometheus_stack import JOB, missing_programs, running_prometheus

pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {missing_programs()}"),
]

START, SECONDS, EVERY, STEP = 1_700_000_000, 5400, 15, 60
LABEL = "cluster"

MEASURES: Mapping[str, Measure] = {
    name: total_of(measure)
    for name, measure in (
        *((name, each.measure) for name, each in load_indicators().items()),
        *((rule.name, rule.measure) for rule in load_alert_rules()),
    )
}

LACKS: Mapping[str, tuple[str, ...]] = {
    "whole": (),
    "no-errors": ("config_errors_total", "crypto_encryption_errors_total"),
    "only-misses": ("cache_hits_total",),
    "only-hits": ("cache_misses_total",),
    "older-name": ("process_resident_memory_bytes",),
    "silent": ("http_requests_total", "http_request_duration_seconds_bucket"),
    "no-traffic": ("config_operations_total",),
    'odd "name"\\ {x}': ("up",),
    "ends": (),
}
"""Which series each target does not have."""

_GAUGES = (
    ("process_resident_memory_bytes", ""),
    ("system_memory_usage_bytes", ""),
    ("storage_size_bytes", ""),
    ("system_uptime_seconds", ""),
    ("audit_queue_size", ""),
    ("config_active_total", 'environment="production"'),
)
_COUNTERS = (
    ("config_operations_total", 'operation="get"'),
    ("config_operations_total", 'operation="set"'),
    ("config_errors_total", 'error_type="timeout"'),
    ("cache_hits_total", 'tier="l1"'),
    ("cache_misses_total", 'tier="l2"'),
    ("cache_evictions_total", 'tier="l1"'),
    ("process_cpu_seconds_total", ""),
    ("http_requests_total", 'status="200"'),
    ("http_requests_total", 'status="503"'),
    ("rbac_permission_checks_total", 'resource="config"'),
    ("audit_events_total", 'event_type="config_updated"'),
    ("crypto_encryption_errors_total", ""),
    ("storage_errors_total", 'error_type="io"'),
)
_BUCKETS = ("http_request_duration_seconds_bucket", "storage_operation_duration_seconds_bucket")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that holds ninety minutes of every target, and of series without the label."""
    lines = sorted(_samples(random.Random(7)), key=lambda line: (line.partition("{")[0], _at(line)))
    text = "\n".join([*lines, "# EOF\n"])
    with running_prometheus(tmp_path_factory.mktemp("past"), text) as address:
        yield address


async def test_every_measure_says_of_all_targets_what_it_says_of_each(prometheus: str) -> None:
    start, end = START + 3700, START + SECONDS
    count = (end - start) // STEP + 1
    client = PromqlClient(Endpoint(url=prometheus), timeout_s=30)
    queries = {
        name: render(each, job=JOB, window_s=300, limits=Limits(), each=LABEL)
        for name, each in MEASURES.items()
    }
    tracks, refused = await client.query_range(queries, start=start, end=end, step_s=STEP)
    await client.aclose()
    assert not refused
    compared = 0
    for target in LACKS:
        meter = PrometheusMeter(
            Endpoint(url=prometheus),
            job=JOB, labels={LABEL: target}, window_s=300, limits=Limits(),
            interval_s=5, timeout_s=30, clock=_Fixed(),
        )  # fmt: skip
        singles = await meter.ask_past(MEASURES, start=start, end=end, step_s=STEP)
        await meter.aclose()
        for name in MEASURES:
            grouped = [math.nan] * count
            for track in tracks.get(name, []):
                if track.labels[LABEL] == target:
                    for at, value in track.points:
                        grouped[round((at - start) / STEP)] = value
            single = singles[name].get((), [math.nan] * count)
            finite = [value if math.isfinite(value) else math.nan for value in grouped]
            assert finite == pytest.approx(single, rel=1e-9, abs=1e-9, nan_ok=True), (target, name)
            compared += sum(math.isfinite(value) for value in single)
    assert compared > 10 * len(LACKS) * len(MEASURES)


async def test_what_has_no_label_is_no_target(prometheus: str) -> None:
    client = PromqlClient(Endpoint(url=prometheus), timeout_s=30)
    queries = {
        name: render(each, job=JOB, window_s=300, limits=Limits(), each=LABEL)
        for name, each in MEASURES.items()
        if not isinstance(each, Gauge) or each.if_absent is None
    }
    start = START + 4000
    tracks, _ = await client.query_range(queries, start=start, end=start + 60, step_s=STEP)
    await client.aclose()
    found = {track.labels.get(LABEL, "") for each in tracks.values() for track in each}
    assert found == LACKS.keys()


def _at(line: str) -> int:
    return int(line.rpartition(" ")[2])


class _Fixed:
    def now(self) -> datetime:
        return datetime.fromtimestamp(START + SECONDS, UTC)


def _samples(chance: random.Random) -> Iterator[str]:
    for target, lacks in (*LACKS.items(), ("", ())):
        for number in (1, 2):
            instance = f'job="{JOB}",instance="{len(target)}.{number}"'
            quoted = target.replace("\\", "\\\\").replace('"', '\\"')
            where = f'{instance},{LABEL}="{quoted}"' if target else instance
            counters = {series: chance.uniform(0, 1000) for series in _COUNTERS}
            until = START + (4200 if target == "ends" else SECONDS)
            for at in range(START, until + 1, EVERY):
                if number == 2 and 4000 < at - START < 4300:  # down, and restarted
                    counters = dict.fromkeys(counters, 0.0)
                    if "up" not in lacks:
                        yield f"up{{{where}}} 0 {at}"
                    continue
                yield from _scrape(chance, where, at, counters, lacks)


def _scrape(
    chance: random.Random,
    where: str,
    at: int,
    counters: dict[tuple[str, str], float],
    lacks: tuple[str, ...],
) -> Iterator[str]:
    if "up" not in lacks:
        yield f"up{{{where}}} 1 {at}"
    for metric, labels in _GAUGES:
        if metric not in lacks:
            yield f"{metric}{{{_joined(where, labels)}}} {chance.uniform(1e3, 1e9):.0f} {at}"
    for series in counters:
        counters[series] += chance.expovariate(0.1)
        metric, labels = series
        if metric not in lacks:
            yield f"{metric}{{{_joined(where, labels)}}} {counters[series]:.3f} {at}"
    for metric in _BUCKETS:
        total = 0.0
        for bound, grown in zip((0.005, 0.05, 0.1, 0.5, "+Inf"), counters.values(), strict=False):
            total += round(grown)
            if metric not in lacks:
                labels = _joined(where, f'operation="set",le="{bound}"')
                yield f"{metric}{{{labels}}} {total} {at}"


def _joined(where: str, labels: str) -> str:
    return f"{where},{labels}" if labels else where
