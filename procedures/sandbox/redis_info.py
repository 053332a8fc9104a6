"""What Redis tells of itself: the sections of INFO and the settings of CONFIG."""

from collections.abc import Sequence

from procedures.sandbox.service import Service

MAXMEMORY_BYTES = 256 * 1024**2
_SETTINGS = {
    "maxmemory": str(MAXMEMORY_BYTES),
    "maxmemory-policy": "allkeys-lru",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "3600 1 300 100 60 10000",
    "timeout": "0",
    "maxclients": "10000",
    "tcp-keepalive": "300",
    "slowlog-log-slower-than": "10000",
    "slowlog-max-len": "128",
    "databases": "16",
    "dir": "/data",
}
_FACTORS = {"kb": 1024, "mb": 1024**2, "gb": 1024**3, "b": 1}
_Fields = Sequence[tuple[str, object]]


def settings(service: Service) -> dict[str, str]:
    """Return all settings by name."""
    return {**_SETTINGS, **service.cache.settings}


def stored(name: str, value: str) -> str:
    """Return a value as CONFIG GET shows it: sizes in bytes."""
    if name != "maxmemory":
        return value
    for unit, factor in _FACTORS.items():
        number = value.lower().removesuffix(unit)
        if number != value.lower() and number.isdecimal():
            return str(int(number) * factor)
    return value


def info(wanted: Sequence[str], service: Service) -> str:
    """Return sections of INFO, all of them by default; KeyError names one that is not known."""
    sections = {
        "server": _server,
        "clients": _clients,
        "memory": _memory,
        "persistence": _persistence,
        "stats": _stats,
        "replication": _replication,
        "cpu": _cpu,
        "keyspace": _keyspace,
    }
    chosen = [name for name in wanted if name not in {"all", "everything", "default"}]
    return "\n\n".join(
        f"# {name.capitalize() if name != 'cpu' else 'CPU'}\n"
        + "\n".join(f"{k}:{v}" for k, v in sections[name](service))
        for name in chosen or sections
    )


def _server(service: Service) -> _Fields:
    uptime_s = int(service.now - service.cache.process.started_at)
    return [
        ("redis_version", "7.0.15"),
        ("redis_mode", "standalone"),
        ("tcp_port", 6379),
        ("uptime_in_seconds", uptime_s),
        ("uptime_in_days", uptime_s // 86_400),
    ]


def _clients(service: Service) -> _Fields:
    return [
        ("connected_clients", 10 * len(service.fleet.ready) + 1),
        ("maxclients", 10_000),
        ("blocked_clients", 0),
    ]


def _memory(service: Service) -> _Fields:
    used, limit = service.cache.memory_bytes, int(settings(service)["maxmemory"] or 0)
    return [
        ("used_memory", used),
        ("used_memory_human", f"{used / 1024**2:.2f}M"),
        ("used_memory_rss", round(used * 1.2)),
        ("used_memory_peak", round(used * 1.05)),
        ("used_memory_peak_human", f"{used * 1.05 / 1024**2:.2f}M"),
        ("maxmemory", limit),
        ("maxmemory_human", f"{limit / 1024**2:.2f}M"),
        ("maxmemory_policy", settings(service)["maxmemory-policy"]),
        ("mem_fragmentation_ratio", "1.20"),
    ]


def _persistence(service: Service) -> _Fields:
    return [
        ("loading", 0),
        ("rdb_last_save_time", int(service.now) - 120),
        ("rdb_last_bgsave_status", "ok"),
        ("aof_enabled", 1),
        ("aof_last_write_status", "ok"),
    ]


def _stats(service: Service) -> _Fields:
    hits, misses = service.cache.hits, service.cache.misses
    return [
        ("total_connections_received", 3_120),
        ("total_commands_processed", hits + misses),
        ("instantaneous_ops_per_sec", 240),
        ("rejected_connections", 0),
        ("expired_keys", 0),
        ("evicted_keys", 0),
        ("keyspace_hits", hits),
        ("keyspace_misses", misses),
    ]


def _replication(_: Service) -> _Fields:
    return [("role", "master"), ("connected_slaves", 0)]


def _cpu(_: Service) -> _Fields:
    return [("used_cpu_sys", "12.402117"), ("used_cpu_user", "18.220410")]


def _keyspace(service: Service) -> _Fields:
    entries = service.cache.entries
    return [("db0", f"keys={entries},expires={entries},avg_ttl=1800000")] if entries else []
