"""What ``systemctl show`` prints, as values; pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

Properties = Mapping[str, str]
"""One unit's properties as they were printed."""

ASKED = (
    *("Id", "Description", "LoadState", "LoadError", "ActiveState", "SubState", "Result", "Type"),
    *("UnitFileState", "FragmentPath", "NeedDaemonReload", "RemainAfterExit", "StatusText"),
    *("NRestarts", "ExecMainCode", "ExecMainStatus", "ExecStart", "InvocationID", "Restart"),
    *("ActiveEnterTimestamp", "InactiveEnterTimestamp", "StateChangeTimestamp"),
    *("ConditionResult", "ConditionTimestamp"),
    *("MemoryCurrent", "MemoryMax", "CPUUsageNSec"),
    *("Unit", "LastTriggerUSec", "NextElapseUSecRealtime", "NextElapseUSecMonotonic"),
)
"""All that is asked for, of every unit in one question; a unit leaves out what it has not."""

_UNKNOWN_NUMBER = 2**64 - 1
_MOMENT = re.compile(r"(?:[A-Z][a-z]{2} )?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?) UTC")
_SPAN_PART = re.compile(r"(\d+(?:\.\d+)?) ?([a-zµ]+)")
_SPAN_S = {
    **{"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0},
    **{"w": 604_800.0, "month": 2_629_800.0, "y": 31_557_600.0},
}
"""Units of ``systemd.time(7)``."""
_PROGRAM = re.compile(r"\{ path=(.+?) ; argv\[\]=")


def blocks(text: str) -> list[dict[str, str]]:
    """Return the properties of each unit, in the order in which the units were named."""
    found: list[dict[str, str]] = []
    current: dict[str, str] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if not line.strip():
            if current:
                found.append(current)
            current = {}
        elif equals:
            current.setdefault(name, value)
    return [*found, current] if current else found


def number(text: str | None) -> int | None:
    """Return a number; None for ``[not set]``, ``infinity`` and the number that stands for them."""
    if text is None or not text.isascii() or not text.isdecimal():
        return None
    value = int(text)
    return None if value >= _UNKNOWN_NUMBER else value


def moment(text: str | None) -> datetime | None:
    """Return a moment of ``Sat 2026-11-28 02:00:00.5 UTC`` or ``@1795831200``; None for none."""
    if not text:
        return None
    try:
        if text.startswith("@"):
            return datetime.fromtimestamp(float(text[1:]), UTC)
        if match := _MOMENT.fullmatch(text):
            return datetime.fromisoformat(f"{match[1]}T{_six_digits(match[2])}+00:00")
    except (ValueError, OverflowError):
        return None
    return None


def span(text: str | None) -> timedelta | None:
    """Return a span of ``3h 50min 48.7s``; None for ``0``, ``infinity`` and nothing."""
    if not text or _SPAN_PART.sub("", text).strip():
        return None
    parts = _SPAN_PART.findall(text)
    if not parts or any(unit not in _SPAN_S for _, unit in parts):
        return None
    return timedelta(seconds=sum(float(count) * _SPAN_S[unit] for count, unit in parts))


def program(text: str | None) -> str:
    """Return the path in ``{ path=/bin/x ; argv[]=/bin/x -v ; … }``; empty without one."""
    match = _PROGRAM.match(text or "")
    return match[1] if match else ""


def load_error(text: str | None) -> str:
    """Return the sentence of ``org.freedesktop.systemd1.NoSuchUnit "Unit x not found."``."""
    return (text or "").partition(" ")[2].strip().strip('"').removesuffix(".")


def _six_digits(time: str) -> str:
    whole, point, fraction = time.partition(".")
    return f"{whole}.{fraction.ljust(6, '0')}" if point else whole
