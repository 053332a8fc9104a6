"""Durations and sizes as documents write them: ``1h30m``, ``90d``, ``5ms``, ``10GiB``."""

import re
from datetime import timedelta

DURATION = r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+"
"""Regular expression of a duration."""

SIZE = r"\d+(?:\.\d+)?(?:[KMGT]i?)?B"
"""Regular expression of a size."""

_LONGEST_S = 100 * 365 * 86400.0
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {
    prefix + suffix: float(base**power)
    for suffix, base in (("B", 1000), ("iB", 1024))
    for power, prefix in enumerate(("", "K", "M", "G", "T"))
}
_PART = re.compile(r"(\d+(?:\.\d+)?)([a-zA-Z]+)", re.ASCII)


def seconds(text: str) -> float | None:
    """Return the seconds of a duration such as ``1h30m``; None if it is none, or over a century."""
    if not re.fullmatch(DURATION, text, re.ASCII):
        return None
    total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    return total if total <= _LONGEST_S else None


def duration(text: str) -> timedelta | None:
    """Return a duration such as ``10m``; None if ``text`` is none."""
    total = seconds(text)
    return None if total is None else timedelta(seconds=total)


def size_bytes(text: str) -> float | None:
    """Return the bytes of a size such as ``10GiB`` or ``500MB``; None if ``text`` is none."""
    if not re.fullmatch(SIZE, text, re.ASCII):
        return None
    number, unit = _PART.findall(text)[0]
    return float(number) * _BYTES[unit]
