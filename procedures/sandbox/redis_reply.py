"""What redis-cli prints for the commands that operators give, when no terminal is attached."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from procedures.errors import SandboxError
from procedures.sandbox import redis_info
from procedures.sandbox.service import Service


class RedisUnknownError(SandboxError):
    """The sandbox does not know this command."""


def answer(command: Sequence[str], service: Service) -> str:
    """Carry out a command on the running cache; raises RedisUnknownError."""
    name, *arguments = command
    known = _COMMANDS.get(name.upper())
    if known is None:
        raise RedisUnknownError(f'redis-cli: unknown command "{name}"')
    service.cache.expire(service.now)
    return known(arguments, service)


def _ping(arguments: Sequence[str], _: Service) -> str:
    return arguments[0] if arguments else "PONG"


def _dbsize(_: Sequence[str], service: Service) -> str:
    return str(service.cache.entries)


def _flush(_: Sequence[str], service: Service) -> str:
    service.flush_cache()
    return "OK"


def _config(arguments: Sequence[str], service: Service) -> str:
    word, *rest = [each.lower() for each in arguments] or [""]
    settings = redis_info.settings(service)
    if word == "get" and rest:
        found = [
            (name, value)
            for name, value in settings.items()
            if any(fnmatchcase(name, pattern) for pattern in rest)
        ]
        return "\n".join(part for pair in found for part in pair)
    if word == "set" and len(rest) == 2:
        name, value = rest
        if name not in settings:
            return f"ERR Unknown option or number of arguments for CONFIG SET - '{name}'"
        service.cache.settings[name] = redis_info.stored(name, value)
        return "OK"
    if word in {"rewrite", "resetstat"}:
        return "OK"
    raise RedisUnknownError(f"redis-cli: unknown form of CONFIG: {' '.join(arguments)}")


def _client(arguments: Sequence[str], service: Service) -> str:
    if [word.upper() for word in arguments[:1]] != ["LIST"]:
        raise RedisUnknownError(f"redis-cli: unknown form of CLIENT: {' '.join(arguments)}")
    lines = [
        f"id={10 * replica.ordinal + n} addr=172.28.0.2:{40_000 + n} laddr=172.28.0.4:6379 fd={n} "
        f"name=llm-config-manager age=812 idle={n} flags=N db=0 cmd=get user=default"
        for replica in service.fleet.ready
        for n in range(1, 11)
    ]
    own = "id=999 addr=127.0.0.1:50001 laddr=127.0.0.1:6379 fd=99 name= age=0 idle=0 flags=N"
    return "\n".join([*lines, f"{own} db=0 cmd=client|list user=default"])


def _set(arguments: Sequence[str], service: Service) -> str:
    key, value, *options = [*arguments, ""][:2] + list(arguments[2:])
    words = [option.upper() for option in options]
    if len(arguments) < 2 or set(words[::2]) - {"EX", "PX", "NX", "XX", "KEEPTTL"}:
        raise RedisUnknownError(f"redis-cli: unknown form of SET: {' '.join(arguments)}")
    if "NX" in words and key in service.cache.keys:
        return ""
    service.cache.keys[key] = value
    service.cache.expiries.pop(key, None)
    for unit, factor in (("EX", 1.0), ("PX", 0.001)):
        if unit in words:
            span_s = int(words[words.index(unit) + 1]) * factor
            service.cache.expiries[key] = service.now + span_s
    return "OK"


def _setex(arguments: Sequence[str], service: Service) -> str:
    key, span_s, value = arguments
    return _set([key, value, "EX", span_s], service)


def _expire(arguments: Sequence[str], service: Service) -> str:
    key, span_s = arguments[:2]
    if key not in service.cache.keys:
        return "0"
    service.cache.expiries[key] = service.now + int(span_s)
    return "1"


def _ttl(arguments: Sequence[str], service: Service) -> str:
    (key,) = arguments
    if key not in service.cache.keys:
        return "-2"
    expiry = service.cache.expiries.get(key)
    return "-1" if expiry is None else str(round(expiry - service.now))


def _get(arguments: Sequence[str], service: Service) -> str:
    if len(arguments) != 1:
        return "ERR wrong number of arguments for 'get' command"
    return service.cache.keys.get(arguments[0], "")


def _exists(arguments: Sequence[str], service: Service) -> str:
    return str(sum(key in service.cache.keys for key in arguments))


def _delete(arguments: Sequence[str], service: Service) -> str:
    removed = [key for key in arguments if service.cache.keys.pop(key, None) is not None]
    return str(len(removed))


def _keys(arguments: Sequence[str], service: Service) -> str:
    pattern = arguments[0] if arguments else "*"
    return "\n".join(key for key in sorted(service.cache.keys) if fnmatchcase(key, pattern))


def _scan(arguments: Sequence[str], service: Service) -> str:
    words = [word.upper() for word in arguments]
    pattern = arguments[words.index("MATCH") + 1] if "MATCH" in words else "*"
    found = _keys([pattern], service)
    return f"0\n{found}" if found else "0\n"


def _info(arguments: Sequence[str], service: Service) -> str:
    wanted = [word.lower() for word in arguments]
    try:
        return redis_info.info(wanted, service)
    except KeyError as error:
        raise RedisUnknownError(f"redis-cli: unknown section of INFO: {error}") from error


def _memory(arguments: Sequence[str], service: Service) -> str:
    word = arguments[0].upper() if arguments else ""
    if word == "USAGE":
        return "72" if arguments[1] in service.cache.keys else ""
    if word == "DOCTOR":
        return "Sam, I detected no issues with the memory of this instance."
    raise RedisUnknownError(f"redis-cli: unknown form of MEMORY: {' '.join(arguments)}")


def _slowlog(arguments: Sequence[str], _: Service) -> str:
    return "0" if arguments and arguments[0].upper() == "LEN" else ""


def _fixed(text: str) -> Callable[[Sequence[str], Service], str]:
    return lambda _, __: text


_COMMANDS: Mapping[str, Callable[[Sequence[str], Service], str]] = {
    "PING": _ping,
    "DBSIZE": _dbsize,
    "FLUSHALL": _flush,
    "FLUSHDB": _flush,
    "CONFIG": _config,
    "CLIENT": _client,
    "GET": _get,
    "SET": _set,
    "SETEX": _setex,
    "EXPIRE": _expire,
    "TTL": _ttl,
    "EXISTS": _exists,
    "DEL": _delete,
    "UNLINK": _delete,
    "KEYS": _keys,
    "SCAN": _scan,
    "INFO": _info,
    "MEMORY": _memory,
    "SLOWLOG": _slowlog,
    "BGSAVE": _fixed("Background saving started"),
    "SAVE": _fixed("OK"),
    "LASTSAVE": lambda _, service: str(int(service.now)),
    "LATENCY": _fixed(""),
}
