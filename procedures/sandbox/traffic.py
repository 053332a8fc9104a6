"""What a stretch of load does to the metrics of one replica."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from procedures.sandbox.cache import L1_HIT_SHARE, L2_HIT_SHARE, Cache
from procedures.sandbox.chance import binomial, poisson
from procedures.sandbox.latency import Lognormal
from procedures.sandbox.metric_store import MetricStore
from procedures.sandbox.replica import Replica

KEY_PATH = "/api/v1/configs/{namespace}/{key}"
NAMESPACE_PATH = "/api/v1/configs/{namespace}"

L1_HIT = Lognormal(0.008, 0.5)
L2_HIT = Lognormal(0.018, 0.5)
DATABASE = Lognormal(0.050, 0.45)
STUCK = Lognormal(0.450, 0.35)
STUCK_SHARE = 0.35
_LOOK_UP = {"l1": Lognormal(0.00012, 0.5), "l2": Lognormal(0.0011, 0.5)}
_STORAGE = {"read": Lognormal(0.020, 0.5), "write": Lognormal(0.032, 0.5)}
_CRYPTO = Lognormal(0.00006, 0.5)
_RBAC = Lognormal(0.00004, 0.5)
_AUDIT = Lognormal(0.0015, 0.6)
_OF_REQUEST = 0.85
"""Share of a request's time that the configuration operation inside takes."""

_ENVIRONMENTS = (("production", 0.82), ("staging", 0.13), ("development", 0.05))
_CPU_S_PER_REQUEST = 0.030
_CPU_S_PER_DATABASE_TRIP = 0.009
_IDLE_CORES = 0.05
_CPU_AVERAGED_OVER_S = 8.0
_SECRET_SHARE = 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A kind of request: its part of the load, and how it may fail."""

    name: str
    method: str
    path: str
    share: float
    action: str
    failures: tuple[tuple[str, str, float], ...] = ()
    """Error type, HTTP status and share of the requests."""

    @property
    def reads(self) -> bool:
        """Whether the cache may answer it."""
        return self.name == "get"


OPERATIONS = (
    Operation(
        name="get", method="GET", path=KEY_PATH, share=0.90, action="read",
        failures=(("not_found", "404", 0.0008), ("storage", "500", 0.00015)),
    ),
    Operation(name="list", method="GET", path=NAMESPACE_PATH, share=0.03, action="list"),
    Operation(
        name="set", method="POST", path=KEY_PATH, share=0.06, action="update",
        failures=(("validation", "400", 0.006), ("storage", "500", 0.001)),
    ),
    Operation(name="delete", method="DELETE", path=KEY_PATH, share=0.01, action="delete"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a replica works with during the stretch."""

    cache: Cache
    database_ready: bool
    seconds: float


def serve(replica: Replica, mean: float, conditions: Conditions, rng: Random) -> None:
    """Count about ``mean`` requests, with all that they cause, in the replica's metrics."""
    requests = trips = 0
    for operation in OPERATIONS:
        count = _operations(replica.store, operation, mean, rng)
        parts = (
            _look_up(replica, count, conditions.cache, rng)
            if operation.reads
            else ((float(count), DATABASE),)
        )
        database = parts[-1][0]
        _fail(
            replica.store, operation, count, database if not conditions.database_ready else 0, rng
        )
        _time(replica, operation, parts)
        _follow_up(replica.store, operation, count, database, rng)
        requests += count
        trips += round(database)
    _spend(replica, requests, trips, conditions.seconds, rng)


def _operations(store: MetricStore, operation: Operation, mean: float, rng: Random) -> int:
    total = 0
    for environment, share in _ENVIRONMENTS:
        count = poisson(rng, mean * operation.share * share)
        store.add("config_operations_total", count, operation.name, environment)
        total += count
    return total


def _look_up(
    replica: Replica, count: int, cache: Cache, rng: Random
) -> tuple[tuple[float, Lognormal], ...]:
    """Ask the tiers in turn; return how many were answered how fast, the database last."""
    store, up = replica.store, cache.process.ready
    l1_hits = binomial(rng, count, L1_HIT_SHARE * replica.warmth * up)
    l1_misses = count - l1_hits
    l2_hits = binomial(rng, l1_misses, L2_HIT_SHARE * cache.warmth * up)
    l2_misses = l1_misses - l2_hits
    cache.hits += l2_hits
    cache.misses += l2_misses if up else 0
    for tier, hits, misses in (("l1", l1_hits, l1_misses), ("l2", l2_hits, l2_misses)):
        store.add("cache_hits_total", hits, tier)
        store.add("cache_misses_total", misses, tier)
        store.add("cache_evictions_total", binomial(rng, misses, 0.04), tier)
        store.observe_many(
            "cache_operation_duration_seconds", hits + misses, _LOOK_UP[tier], "get", tier
        )
    return ((l1_hits, L1_HIT), (l2_hits, L2_HIT), (l2_misses, DATABASE))


def _fail(
    store: MetricStore, operation: Operation, count: int, unserved: float, rng: Random
) -> None:
    """Give the requests their statuses; ``unserved`` of them had no database to ask."""
    failures = [
        (kind, status, binomial(rng, count, share)) for kind, status, share in operation.failures
    ]
    failures.append(("database_unavailable", "500", round(unserved)))
    served = count
    for kind, status, wanted in failures:
        failed = min(wanted, served)
        served -= failed
        store.add("config_errors_total", failed, kind, operation.name)
        store.add("http_requests_total", failed, operation.method, operation.path, status)
        if status == "500":
            store.add("storage_errors_total", failed, kind)
    status = "204" if operation.name == "delete" else "200"
    store.add("http_requests_total", served, operation.method, operation.path, status)


def _time(replica: Replica, operation: Operation, parts: Sequence[tuple[float, Lognormal]]) -> None:
    """Spread the requests over the histograms; a stuck pool keeps a share of them waiting."""
    waiting = STUCK_SHARE if replica.pool_stuck else 0.0
    total = sum(count for count, _ in parts)
    mixture = [(count * (1 - waiting), spread) for count, spread in parts]
    mixture.append((total * waiting, STUCK))
    for count, spread in mixture:
        inner = Lognormal(spread.median_s * _OF_REQUEST, spread.sigma)
        store = replica.store
        store.observe_many(
            "http_request_duration_seconds", count, spread, operation.method, operation.path
        )
        store.observe_many("config_operation_duration_seconds", count, inner, operation.name)


def _follow_up(
    store: MetricStore, operation: Operation, count: int, trips: float, rng: Random
) -> None:
    """Count what every request brings with it: storage, permissions, audit and encryption."""
    kind = "read" if operation.action in {"read", "list"} else "write"
    store.add("storage_operations_total", trips, kind)
    store.observe_many("storage_operation_duration_seconds", trips, _STORAGE[kind], kind)
    denied = binomial(rng, count, 0.002)
    store.add("rbac_permission_checks_total", count, "config", operation.action, "allowed")
    store.add("rbac_permission_checks_total", denied, "config", operation.action, "denied")
    store.add("rbac_permission_denials_total", denied, "config", operation.action)
    store.observe_many("rbac_check_duration_seconds", count + denied, _RBAC, "config")
    event = {"get": "config_accessed", "set": "config_updated", "delete": "config_deleted"}
    if operation.name in event:
        secrets = binomial(rng, count, _SECRET_SHARE) if operation.reads else 0
        store.add("audit_events_total", count - secrets, event[operation.name])
        store.add("audit_events_total", secrets, "secret_accessed")
        store.observe_many("audit_event_processing_duration_seconds", count, _AUDIT)
        _encrypt(store, "decrypt" if operation.reads else "encrypt", secrets)
    if operation.name == "set":
        _encrypt(store, "encrypt", binomial(rng, count, _SECRET_SHARE))


def _encrypt(store: MetricStore, operation: str, count: int) -> None:
    store.add("crypto_operations_total", count, operation, "aes-256-gcm")
    store.observe_many(
        "crypto_operation_duration_seconds", count, _CRYPTO, operation, "aes-256-gcm"
    )


def _spend(replica: Replica, requests: int, trips: int, seconds: float, rng: Random) -> None:
    work = requests * _CPU_S_PER_REQUEST + trips * _CPU_S_PER_DATABASE_TRIP
    spent_s = _IDLE_CORES * seconds + work * max(0.5, rng.gauss(1, 0.03))
    replica.store.add("process_cpu_seconds_total", spent_s)
    kept = math.exp(-seconds / _CPU_AVERAGED_OVER_S)
    replica.cpu_cores = replica.cpu_cores * kept + spent_s / seconds * (1 - kept)
