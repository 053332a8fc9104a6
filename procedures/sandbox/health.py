"""The health report in the two shapes that the service is known to give."""

from datetime import UTC, datetime
from typing import Any

from procedures.sandbox.cache import FULL_ENTRIES
from procedures.sandbox.replica import Replica
from procedures.sandbox.service import MEMORY_LIMIT_BYTES, STORAGE_LIMIT_BYTES, Service

VERSION = "0.5.0"
_WORDS = ("healthy", "degraded", "unhealthy")
_DISK_BANDS_PCT = (80.0, 90.0)
_MEMORY_BANDS_PCT = (80.0, 90.0)


def aggregate(words: list[str]) -> str:
    """Return the worst of the components' words; healthy when there is none."""
    return max(words, key=_WORDS.index, default="healthy")


def minimal() -> dict[str, Any]:
    """Return the report that names no components."""
    return {"status": "healthy", "service": "llm-config-manager", "version": VERSION}


def of_replica(service: Service, replica: Replica) -> dict[str, Any]:
    """Return what one replica reports of itself and of what it works with."""
    components = _components(service, [replica])
    return _report(service, components, replica.process.started_at)


def of_fleet(service: Service) -> dict[str, Any]:
    """Return what the front address reports: the replicas' components, and the replicas."""
    ready = service.fleet.ready
    missing = service.fleet.wanted - len(ready)
    text = f"{len(ready)} of {service.fleet.wanted} ready"
    word = "unhealthy" if not ready else "degraded" if missing > 0 else "healthy"
    replicas = ("replicas", word, text, 1)
    oldest = min((replica.process.started_at for replica in ready), default=service.now)
    return _report(service, [*_components(service, list(ready)), replicas], oldest)


def _components(service: Service, replicas: list[Replica]) -> list[tuple[str, str, str, int]]:
    stuck = any(replica.pool_stuck for replica in replicas)
    memory = max((replica.memory_bytes for replica in replicas), default=0.0)
    used_pct = 100 * service.storage_bytes / STORAGE_LIMIT_BYTES
    memory_pct = 100 * memory / MEMORY_LIMIT_BYTES
    storage = ("degraded", "waiting for pooled connections", 168) if stuck else ("healthy", "", 12)
    return [
        ("storage", *storage),
        ("cache", *_cache(service)),
        ("database", *_database(service, stuck=stuck)),
        ("disk", _band(used_pct, _DISK_BANDS_PCT), f"{used_pct:.1f}% used", 1),
        ("memory", _band(memory_pct, _MEMORY_BANDS_PCT), f"{memory_pct:.1f}% of the limit", 0),
    ]


def _cache(service: Service) -> tuple[str, str, int]:
    if not service.cache.process.ready:
        return "unhealthy", "redis does not answer", 1000
    return "healthy", f"{service.cache.entries} of about {FULL_ENTRIES} entries", 2


def _database(service: Service, *, stuck: bool) -> tuple[str, str, int]:
    if not service.database.ready:
        return "unhealthy", "connection refused", 1000
    return ("degraded", "connections of the pool hang", 184) if stuck else ("healthy", "", 4)


def _band(value: float, bands: tuple[float, float]) -> str:
    warning, critical = bands
    return "unhealthy" if value >= critical else "degraded" if value >= warning else "healthy"


def _report(
    service: Service, components: list[tuple[str, str, str, int]], started_at: float
) -> dict[str, Any]:
    at = datetime.fromtimestamp(service.now, UTC).isoformat(timespec="milliseconds")
    at = at.replace("+00:00", "Z")
    return {
        "status": aggregate([word for _, word, _, _ in components]),
        "checks": {
            name: {
                "component": name,
                "status": word,
                "message": text or None,
                "last_check": at,
                "duration_ms": took_ms,
            }
            for name, word, text, took_ms in components
        },
        "timestamp": at,
        "uptime_seconds": max(0, int(service.now - started_at)),
        "service": "llm-config-manager",
        "version": VERSION,
    }
