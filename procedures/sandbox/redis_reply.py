"""What redis-cli prints for the commands that operators give, when no terminal is attached."""

from collections.abc import Callable, Mapping, Sequence

from procedures.errors import SandboxError
from procedures.sandbox.service import Service

MAXMEMORY_BYTES = 256 * 1024**2


class RedisUnknownError(SandboxError):
    """The sandbox does not know this command."""


def answer(command: Sequence[str], service: Service) -> str:
    """Carry out a command on the running cache; raises RedisUnknownError."""
    name, *arguments = command
    known = _COMMANDS.get(name.upper())
    if known is None:
        raise RedisUnknownError(f'redis-cli: unknown command "{name}"')
    return known(arguments, service)


def _ping(arguments: Sequence[str], _: Service) -> str:
    return arguments[0] if arguments else "PONG"


def _dbsize(_: Sequence[str], service: Service) -> str:
    return str(service.cache.entries)


def _flush(_: Sequence[str], service: Service) -> str:
    service.flush_cache()
    return "OK"


def _config(arguments: Sequence[str], _: Service) -> str:
    if [word.lower() for word in arguments] != ["get", "maxmemory"]:
        raise RedisUnknownError(f"redis-cli: unknown form of CONFIG: {' '.join(arguments)}")
    return f"maxmemory\n{MAXMEMORY_BYTES}"


def _set(arguments: Sequence[str], service: Service) -> str:
    if len(arguments) != 2:
        raise RedisUnknownError("redis-cli: SET takes a key and a value here")
    key, value = arguments
    service.cache.keys[key] = value
    return "OK"


def _get(arguments: Sequence[str], service: Service) -> str:
    if len(arguments) != 1:
        return "ERR wrong number of arguments for 'get' command"
    return service.cache.keys.get(arguments[0], "")


def _delete(arguments: Sequence[str], service: Service) -> str:
    removed = [key for key in arguments if service.cache.keys.pop(key, None) is not None]
    return str(len(removed))


def _info(arguments: Sequence[str], service: Service) -> str:
    sections = {
        "server": _server_section,
        "clients": _clients_section,
        "memory": _memory_section,
        "stats": _stats_section,
        "keyspace": _keyspace_section,
    }
    wanted = [word.lower() for word in arguments] or list(sections)
    if unknown := [name for name in wanted if name not in sections]:
        raise RedisUnknownError(f"redis-cli: unknown section of INFO: {unknown[0]}")
    return "\n\n".join(
        f"# {name.capitalize()}\n" + "\n".join(f"{k}:{v}" for k, v in sections[name](service))
        for name in wanted
    )


_Fields = Sequence[tuple[str, object]]


def _server_section(service: Service) -> _Fields:
    uptime_s = int(service.now - service.cache.process.started_at)
    return [("redis_version", "7.0.15"), ("uptime_in_seconds", uptime_s)]


def _clients_section(service: Service) -> _Fields:
    return [("connected_clients", 10 * len(service.fleet.ready) + 1), ("blocked_clients", 0)]


def _memory_section(service: Service) -> _Fields:
    used = service.cache.memory_bytes
    return [
        ("used_memory", used),
        ("used_memory_human", f"{used / 1024**2:.2f}M"),
        ("maxmemory", MAXMEMORY_BYTES),
        ("maxmemory_human", f"{MAXMEMORY_BYTES / 1024**2:.2f}M"),
        ("maxmemory_policy", "allkeys-lru"),
    ]


def _stats_section(service: Service) -> _Fields:
    hits, misses = service.cache.hits, service.cache.misses
    return [("keyspace_hits", hits), ("keyspace_misses", misses), ("evicted_keys", 0)]


def _keyspace_section(service: Service) -> _Fields:
    entries = service.cache.entries
    return [("db0", f"keys={entries},expires={entries},avg_ttl=1800000")] if entries else []


_COMMANDS: Mapping[str, Callable[[Sequence[str], Service], str]] = {
    "PING": _ping,
    "DBSIZE": _dbsize,
    "FLUSHALL": _flush,
    "FLUSHDB": _flush,
    "CONFIG": _config,
    "GET": _get,
    "SET": _set,
    "DEL": _delete,
    "INFO": _info,
}
