"""The whole service as a model: no I/O, its time is moved by :meth:`Service.advance`."""

import math
from collections.abc import Mapping
from random import Random

from procedures.sandbox import narration
from procedures.sandbox.cache import Cache
from procedures.sandbox.fleet import Fleet
from procedures.sandbox.journal import Journal
from procedures.sandbox.lifecycle import Lifecycle, Phase
from procedures.sandbox.load import Load
from procedures.sandbox.pace import Pace
from procedures.sandbox.replica import Replica
from procedures.sandbox.traffic import Conditions, serve

LONGEST_STEP_S = 15.0
STORAGE_LIMIT_BYTES = 50 * 1024**3
MEMORY_LIMIT_BYTES = 2 * 1024**3
CPU_LIMIT_CORES = 2.0
_STORAGE_AT_EPOCH_BYTES = 6.4e9
_STORAGE_GROWTH_BYTES_PER_S = 1_200.0
_STORAGE_EPOCH = 1_760_000_000.0
_RUNNING_SINCE_S = 190_000.0
_MIB = 1024**2
_ROLES = {"admin": 3, "editor": 14, "viewer": 61, "auditor": 4}


class Service:
    """Replicas, cache and database under a load.

    Attributes:
        now: The model's present, a Unix time.
        fleet: The API replicas.
        cache: The shared cache tier.
        database: The PostgreSQL process.
        journal: Log lines and events.
        changes: Grows with everything that an observer of processes should look at.
        active_configs: Live configurations by namespace and environment.
    """

    def __init__(self, *, now: float, seed: int, pace: Pace) -> None:
        self.now = now
        started_at = now - _RUNNING_SINCE_S
        self.fleet = Fleet(now=started_at, pace=pace)
        redis, self.database = (
            Lifecycle(now=started_at, stop_s=pace.stop_s, start_s=pace.dependency_start_s)
            for _ in range(2)
        )
        self.cache = Cache(redis, warm_s=pace.warm_s)
        self.journal = Journal()
        self.changes = 1
        self.active_configs: Mapping[tuple[str, str], int] = {}
        self._rng = Random(seed)  # noqa: S311 - a load, not a secret
        self._load = Load(self._rng)

    @property
    def dependencies(self) -> Mapping[str, Lifecycle]:
        """The processes beside the replicas, by name."""
        return {"redis": self.cache.process, "postgres": self.database}

    @property
    def processes(self) -> Mapping[str, Lifecycle]:
        """All processes by name."""
        replicas = {replica.name: replica.process for replica in self.fleet.replicas}
        return {**replicas, **self.dependencies}

    @property
    def storage_bytes(self) -> float:
        """Size of the stored data."""
        age_s = max(0.0, self.now - _STORAGE_EPOCH)
        return _STORAGE_AT_EPOCH_BYTES + age_s * _STORAGE_GROWTH_BYTES_PER_S % 4e9

    def advance(self, seconds: float) -> None:
        """Let time pass, in steps that end wherever a process changes by itself."""
        end = self.now + seconds
        self.settle()
        while self.now < end:
            until = min(end, self.now + LONGEST_STEP_S, self._due())
            self._step(until - self.now)
            self.settle()

    def open_logs(self) -> None:
        """Let every process say what it is doing, so that no log begins empty."""
        for name, process in self.processes.items():
            self._tell(self.now, name, process.phase, process.generation)

    def settle(self) -> None:
        """Make the changes that are due now; after an order, this makes it visible."""
        self.fleet.advance(self.now)
        for process in self.dependencies.values():
            process.advance(self.now)
        self.cache.advance(0)
        for name, process in self.processes.items():
            for at, phase, generation in process.take_entered():
                self.changes += 1
                self._tell(at, name, phase, generation)

    def _tell(self, at: float, name: str, phase: Phase, generation: int) -> None:
        replica = self.fleet.replica(name)
        revision = replica.revision_of(generation) if replica else 0
        narration.phase_entered(
            self.journal, at, name, phase, generation=generation, revision=revision
        )

    def recover(self) -> None:
        """End every fault and run everything that an orderly deployment runs."""
        for replica in self.fleet.replicas:
            replica.pool_stuck = False
        hung = [each for each in self.processes.values() if each.phase is Phase.HUNG]
        for process in hung:
            process.restart(self.now)
        for dependency in self.dependencies.values():
            dependency.start(self.now)
        self.fleet.scale(len(self.fleet.replicas), self.now)

    def flush_cache(self) -> None:
        """Empty the shared tier; the first tiers drop what it no longer vouches for."""
        self.cache.flush()
        for replica in self.fleet.replicas:
            replica.warmth = 0.0
        self.journal.log(self.now, "redis", "INFO", "redis", "FLUSHALL: all keys removed")
        self.changes += 1

    def _due(self) -> float:
        dependencies = (process.due for process in self.dependencies.values())
        return min(self.fleet.due, *dependencies, math.inf)

    def _step(self, seconds: float) -> None:
        self.now += seconds
        self._load.advance(seconds)
        self.cache.advance(seconds)
        ready = self.fleet.ready
        mean = self._load.rps(self.now) * seconds / max(1, len(ready))
        conditions = Conditions(
            cache=self.cache, database_ready=self.database.ready, seconds=seconds
        )
        for replica in ready:
            replica.warmth = self.cache.first_tier(replica.warmth, seconds)
            serve(replica, mean, conditions, self._rng)
        for replica in self.fleet.replicas:
            if replica.process.running:
                self._gauge(replica)
        narration.stretch_passed(self, seconds, self._rng)

    def _gauge(self, replica: Replica) -> None:
        """Set what is not counted but measured."""
        store, rng = replica.store, self._rng
        uptime_s = self.now - replica.process.started_at
        grown = 1 - math.exp(-uptime_s / 5_400)
        load_mib = 60 * replica.cpu_cores + 90 * replica.warmth
        replica.memory_bytes = round((560 + 130 * grown + load_mib + rng.gauss(0, 4)) * _MIB)
        store.set("process_resident_memory_bytes", replica.memory_bytes)
        store.set("system_memory_usage_bytes", replica.memory_bytes)
        store.set("process_start_time_seconds", round(replica.process.started_at, 2))
        store.set("system_uptime_seconds", round(uptime_s, 1))
        store.set("process_open_fds", 48 + round(40 * replica.cpu_cores))
        store.set("storage_size_bytes", round(self.storage_bytes))
        store.set("audit_queue_size", rng.randrange(0, 5))
        store.set("cache_size_entries", round(2_400 * replica.warmth), "l1")
        store.set("cache_size_entries", self.cache.entries, "l2")
        store.forget("config_active_total")
        for (namespace, environment), count in self.active_configs.items():
            store.set("config_active_total", count, namespace, environment)
        for role, count in _ROLES.items():
            store.set("rbac_active_roles_total", count, role)
