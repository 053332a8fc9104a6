"""PostgreSQL's functions, given to a SQLite connection."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from procedures.sandbox.postgres.cluster import VERSION, Cluster, DatabaseError

_UNITS_S = {
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), 1),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), 60),
    **dict.fromkeys(("hour", "hours", "h"), 3_600),
    **dict.fromkeys(("day", "days", "d"), 86_400),
    **dict.fromkeys(("week", "weeks", "w"), 604_800),
    **dict.fromkeys(("month", "months", "mon", "mons"), 2_592_000),
    **dict.fromkeys(("year", "years"), 31_536_000),
}
_SIZES = (("bytes", 1), ("kB", 1024), ("MB", 1024**2), ("GB", 1024**3), ("TB", 1024**4))


def install(
    db: sqlite3.Connection,
    cluster: Cluster,
    *,
    database: str,
    user: str,
    end_session: Callable[[int], bool],
) -> None:
    """Define the functions on ``db``."""

    def reload() -> str:
        cluster.reload()
        return "t"

    def size(name: str | None = None) -> int:
        return cluster.size_bytes(name or database)

    def setting(name: str, *_: object) -> str | None:
        return cluster.settings().get(name)

    def replayed() -> str | None:
        return _text(datetime.now(UTC)) if cluster.recovery_signal.exists() else None

    def paused() -> str:
        if not cluster.recovery_signal.exists():
            raise DatabaseError("recovery is not in progress")
        return "paused"

    def resume() -> str:
        paused()
        cluster.recovery_signal.unlink()
        return ""

    given: dict[str, tuple[int, Callable[..., Any]]] = {
        "now": (0, lambda: _text(datetime.now(UTC))),
        "clock_timestamp": (0, lambda: _text(datetime.now(UTC))),
        "version": (0, lambda: f"PostgreSQL {VERSION} on x86_64-pc-linux-musl, 64-bit"),
        "current_database": (0, lambda: database),
        "current_user_name": (0, lambda: user),
        "current_setting": (-1, setting),
        "pg_reload_conf": (0, reload),
        "pg_is_in_recovery": (0, lambda: _truth(cluster.recovery_signal.exists())),
        "pg_last_xact_replay_timestamp": (0, replayed),
        "pg_backend_pid": (0, lambda: OWN_PID),
        "pg_terminate_backend": (-1, lambda pid, *_: _truth(end_session(int(pid)))),
        "pg_cancel_backend": (1, lambda pid: _truth(end_session(int(pid)))),
        "pg_blocking_pids": (1, lambda _: "{}"),
        "cardinality": (1, _cardinality),
        "pg_database_size": (-1, size),
        "pg_total_relation_size": (1, lambda _: size()),
        "pg_relation_size": (-1, lambda *_: size()),
        "pg_table_size": (1, lambda _: size()),
        "pg_indexes_size": (1, lambda _: 16_384),
        "pg_size_pretty": (1, size_pretty),
        "pg_postmaster_start_time": (0, lambda: _text(datetime.now(UTC) - timedelta(days=2))),
        "pg_current_wal_lsn": (0, lambda: "0/3000148"),
        "pg_switch_wal": (0, lambda: "0/3000160"),
        "pg_stat_reset": (0, lambda: ""),
        "pg_wal_replay_resume": (0, resume),
        "pg_get_wal_replay_pause_state": (0, paused),
        "extract_epoch": (1, _epoch),
        "interval": (1, lambda text: _interval_text(seconds(text))),
        "time_minus": (2, lambda at, span: _shifted(at, -seconds(span))),
        "time_plus": (2, lambda at, span: _shifted(at, seconds(span))),
        "age": (-1, _age),
        "date_trunc": (2, _truncated),
        "to_char": (2, lambda at, _: at),
        "left_text": (2, lambda text, count: text and text[:count]),
        "right_text": (2, lambda text, count: text and text[-count:]),
        "chr": (1, chr),
        "split_part": (3, _part),
        "concat": (-1, lambda *parts: "".join(str(p) for p in parts if p is not None)),
        "concat_ws": (-1, lambda by, *parts: by.join(str(p) for p in parts if p is not None)),
        "format": (-1, _formatted),
        "md5": (1, _md5),
        "greatest": (-1, lambda *values: max((v for v in values if v is not None), default=None)),
        "least": (-1, lambda *values: min((v for v in values if v is not None), default=None)),
        "to_regclass": (1, lambda name: name),
        "quote_literal": (1, lambda text: "'" + str(text).replace("'", "''") + "'"),
    }
    for name, (count, function) in given.items():
        db.create_function(name, count, function)


OWN_PID = 4_711
"""Process id of the session that asks."""


def seconds(text: str) -> float:
    """Return the seconds of an interval: ``5 minutes``, ``1 day 02:00:00``, ``00:05:00``."""
    clock = re.search(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", text)
    total = 0.0
    if clock:
        total = int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
        text = text.replace(clock[0], "")
    for number, unit in re.findall(r"(-?\d+(?:\.\d+)?)\s*([a-z]+)", text.lower()):
        if unit not in _UNITS_S:
            raise DatabaseError(f'invalid input syntax for type interval: "{text}"')
        total += float(number) * _UNITS_S[unit]
    return total


def size_pretty(size: float) -> str:
    """Return a size as the server prints it: below ten thousand of a unit, in that unit."""
    for unit, factor in _SIZES:
        if abs(size) < 10 * 1024 * factor or unit == "TB":
            return f"{round(size / factor)} {unit}"
    raise AssertionError


def _truth(value: bool) -> str:
    return "t" if value else "f"


def _cardinality(array: str) -> int:
    inner = array.strip("{}")
    return inner.count(",") + 1 if inner else 0


def _moment(text: str) -> datetime:
    text = re.sub(r"([+-]\d\d)$", r"\1:00", str(text).strip().replace("Z", "+00:00"))
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.%f+00")


def _interval_text(span_s: float) -> str:
    whole = int(span_s)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{span_s % 60:09.6f}"


def _epoch(text: str | None) -> float | None:
    if text is None:
        return None
    return _moment(text).timestamp() if re.match(r"\d{4}-", text) else seconds(text)


def _shifted(at: str | None, span_s: float) -> str | None:
    return None if at is None else _text(_moment(at) + timedelta(seconds=span_s))


def _age(one: str | None, *others: str | None) -> str | None:
    other = others[0] if others else None
    if one is None or (others and other is None):
        return None
    begin = datetime.now(UTC) if other is None else _moment(one)
    end = _moment(one if other is None else other)
    return _interval_text((begin - end).total_seconds())


def _truncated(unit: str, text: str | None) -> str | None:
    if text is None:
        return None
    if not re.match(r"\d{4}-", text):
        return text.partition(".")[0]
    lengths = {"second": 19, "minute": 16, "hour": 13, "day": 10}
    fill = "0000-01-01 00:00:00"
    kept = text[: lengths.get(unit, 19)]
    return kept + fill[len(kept) :] + "+00"


def _part(text: str | None, by: str, number: int) -> str | None:
    if text is None:
        return None
    parts = text.split(by)
    return parts[number - 1] if number <= len(parts) else ""


def _formatted(template: str, *values: object) -> str:
    return re.sub(r"%[sIL]", "{}", template).format(*values)


def _md5(text: str) -> str:
    import hashlib  # only dumps and this want it

    return hashlib.md5(str(text).encode(), usedforsecurity=False).hexdigest()
