"""The model of the service: its time is moved by hand, nothing listens."""

from collections.abc import Callable

import pytest

from procedures.sandbox import faults, health
from procedures.sandbox.lifecycle import Phase
from procedures.sandbox.pace import Pace
from procedures.sandbox.service import Service

NOON = 1_790_000_000.0 - 1_790_000_000.0 % 86_400 + 43_200
P95_BOUNDS = ("0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5")
Counts = dict[tuple[str, str, str], float]


@pytest.fixture
def service() -> Service:
    running = Service(now=NOON, seed=7, pace=Pace())
    running.advance(120)
    return running


def counts(service: Service) -> Counts:
    return {
        (replica.name, sample.name, sample.labels): sample.value
        for replica in service.fleet.replicas
        for sample in replica.store.samples()
    }


@pytest.fixture
def during(service: Service) -> Callable[[float], Callable[..., float]]:
    """Advance the service; return the increase of counters meanwhile."""

    def advance(seconds: float) -> Callable[..., float]:
        before = counts(service)
        service.advance(seconds)
        after = counts(service)

        def increase(name: str, labels: str = "") -> float:
            return sum(
                value - before.get(key, 0)
                for key, value in after.items()
                if key[1] == name and labels in key[2]
            )

        return increase

    return advance


def hit_rate(increase: Callable[..., float]) -> float:
    hits, misses = increase("cache_hits_total"), increase("cache_misses_total")
    return 100 * hits / (hits + misses)


def p95_bound(increase: Callable[..., float]) -> float:
    """Return the upper bound of the bucket that the 95th percentile lies in."""
    wanted = 0.95 * increase("http_request_duration_seconds_count")
    bounds = (
        bound
        for bound in P95_BOUNDS
        if increase("http_request_duration_seconds_bucket", f'le="{bound}"') >= wanted
    )
    return float(next(bounds))


def test_a_quiet_hour_is_well_within_every_threshold(
    during: Callable[[float], Callable[..., float]],
) -> None:
    increase = during(300)
    assert 86 < hit_rate(increase) < 93
    assert p95_bound(increase) <= 0.1
    assert increase("config_errors_total") / increase("config_operations_total") < 0.01
    assert 20 < increase("http_requests_total") / 300 < 65


def test_a_flush_empties_both_tiers_and_they_fill_again(
    service: Service, during: Callable[[float], Callable[..., float]]
) -> None:
    normal = during(60)
    service.flush_cache()
    at_once = during(3)
    cold = during(57)
    during(120)
    again = during(60)
    assert hit_rate(at_once) < 25
    assert hit_rate(cold) < 65 < 86 < hit_rate(again)
    assert cold("storage_operations_total", "read") > 3 * normal("storage_operations_total", "read")


def test_counted_requests_agree_with_their_histogram(
    during: Callable[[float], Callable[..., float]],
) -> None:
    increase = during(120)
    assert increase("http_request_duration_seconds_count") == pytest.approx(
        increase("http_requests_total"), abs=12
    )


def test_a_long_silence_counts_as_much_as_many_short_ones() -> None:
    totals = []
    for step in (1.0, 300.0):
        service = Service(now=NOON, seed=11, pace=Pace())
        for _ in range(round(600 / step)):
            service.advance(step)
        totals.append(
            sum(r.store.value("process_cpu_seconds_total") for r in service.fleet.replicas)
        )
    assert totals[0] == pytest.approx(totals[1], rel=0.08)


def test_a_restarted_replica_has_forgotten_its_counters_and_takes_its_time(
    service: Service,
) -> None:
    replica = service.fleet.replicas[0]
    replica.process.restart(service.now)
    service.settle()
    assert (replica.process.phase, replica.listening) == (Phase.STOPPING, False)
    service.advance(1.5)
    assert (replica.process.phase, replica.listening) == (Phase.STARTING, True)
    assert replica.store.value("process_cpu_seconds_total") == 0
    service.advance(4)
    assert replica.process.ready
    assert replica.store.value("process_cpu_seconds_total") > 0


def test_a_roll_out_replaces_one_replica_at_a_time_while_the_others_serve(
    service: Service,
) -> None:
    service.fleet.roll(service.now, "restart")
    fewest = 3
    for _ in range(40):
        service.advance(0.5)
        fewest = min(fewest, len(service.fleet.ready))
    assert fewest == 2
    assert [replica.process.generation for replica in service.fleet.replicas] == [2, 2, 2]
    assert not service.fleet.rolling


def test_a_roll_out_brings_a_crashed_replica_back_first(service: Service) -> None:
    faults.inject(service, "replica-crash")
    service.fleet.roll(service.now, "restart")
    service.settle()
    assert [replica.process.phase for replica in service.fleet.replicas] == [
        Phase.READY,
        Phase.STARTING,
        Phase.READY,
    ]


def test_scaling_to_nothing_ends_a_roll_out(service: Service) -> None:
    service.fleet.roll(service.now, "restart")
    service.fleet.scale(0, service.now)
    service.advance(10)
    assert not service.fleet.rolling
    assert service.fleet.ready == ()


@pytest.mark.parametrize("name", sorted(faults.FAULTS))
def test_every_fault_shows_in_the_logs_and_its_cure_ends_it(service: Service, name: str) -> None:
    service.journal.take()
    faults.inject(service, name)
    service.advance(60)
    assert faults.active(service) == [name]
    assert sum(line.level == "ERROR" for line in service.journal.take()) > 1
    faults.cure(service, name)
    service.advance(10)
    service.journal.take()
    service.advance(60)
    assert faults.active(service) == []
    assert not [line for line in service.journal.take() if line.level == "ERROR"]


def test_without_the_cache_nothing_hits_and_health_says_so(
    service: Service, during: Callable[[float], Callable[..., float]]
) -> None:
    faults.inject(service, "cache-down")
    assert hit_rate(during(60)) == 0
    report = health.of_fleet(service)
    assert (report["status"], report["checks"]["cache"]["status"]) == ("unhealthy", "unhealthy")


def test_hanging_connections_push_p95_over_its_limit_until_the_replicas_are_replaced(
    service: Service, during: Callable[[float], Callable[..., float]]
) -> None:
    faults.inject(service, "latency")
    assert p95_bound(during(60)) > 0.5
    assert health.of_fleet(service)["checks"]["database"]["status"] == "degraded"
    service.fleet.roll(service.now, "restart")
    service.advance(60)
    assert faults.active(service) == []
    assert p95_bound(during(60)) <= 0.1


def test_a_crashed_replica_degrades_the_fleet_and_loads_the_others(
    service: Service, during: Callable[[float], Callable[..., float]]
) -> None:
    during(60)
    before = service.fleet.replicas[0].cpu_cores
    faults.inject(service, "replica-crash")
    during(60)
    assert health.of_fleet(service)["checks"]["replicas"]["status"] == "degraded"
    assert service.fleet.replicas[0].cpu_cores > 1.25 * before


def test_without_a_database_what_the_cache_does_not_hold_fails(
    service: Service, during: Callable[[float], Callable[..., float]]
) -> None:
    service.database.stop(service.now)
    service.advance(2)
    increase = during(60)
    assert increase("config_errors_total", "database_unavailable") > 0
    assert increase("http_requests_total", 'status="500"') > 0


def test_a_crash_without_replicas_left_changes_nothing(service: Service) -> None:
    service.fleet.scale(0, service.now)
    service.advance(5)
    faults.inject(service, "replica-crash")
    assert faults.active(service) == []


@pytest.mark.parametrize("step_s", [0.25, 30.0])
def test_a_quiet_service_hits_its_cache_alike_however_finely_time_passes(
    service: Service, step_s: float
) -> None:
    before = counts(service)
    for _ in range(round(300 / step_s)):
        service.advance(step_s)
    after = counts(service)

    def increase(name: str) -> float:
        grown = (value - before.get(key, 0) for key, value in after.items() if key[1] == name)
        return sum(grown)

    assert hit_rate(increase) == pytest.approx(90, abs=2)
