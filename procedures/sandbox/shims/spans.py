"""Durations as operators write and read them."""

import re

from procedures.sandbox.shims.usage import UnknownUsageError

_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WORD_S = {
    "second": 1,
    "sec": 1,
    "minute": 60,
    "min": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
}


def seconds(text: str) -> float:
    """Return the seconds of ``90``, ``5m`` or ``1h30m``."""
    if text.isdecimal():
        return float(text)
    parts = re.findall(r"(\d+)([smhd])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UnknownUsageError(f"not a duration: {text}")
    return float(sum(int(number) * _UNIT_S[unit] for number, unit in parts))


def seconds_ago(text: str) -> float:
    """Return the seconds of ``5 minutes ago``, ``-5m`` or ``-1h``, as journalctl takes them.

    A time to come, which only ``@1795831200`` can be, is less than 0.
    """
    if text.startswith("-"):
        return seconds(text[1:].replace(" ", "").replace("min", "m"))
    if text.startswith("@"):
        return _since_unix_time(text)
    if text in {"today", "yesterday"} or re.match(r"\d{4}-\d\d-\d\d", text):
        return _since_moment(text)
    match = re.fullmatch(r"(\d+) *([a-z]+?)s? ago", text)
    if match is None or match[2] not in _WORD_S:
        raise UnknownUsageError(f"not a time that the sandbox understands: {text}")
    return float(int(match[1]) * _WORD_S[match[2]])


def _since_unix_time(text: str) -> float:
    from time import time

    try:
        moment = float(text[1:])
    except ValueError as error:
        raise UnknownUsageError(f"not a time that the sandbox understands: {text}") from error
    return time() - moment


def _since_moment(text: str) -> float:
    from datetime import datetime, timedelta

    now = datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text == "today":
        return (now - midnight).total_seconds()
    if text == "yesterday":
        return (now - midnight + timedelta(days=1)).total_seconds()
    moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    return max(0.0, (now - moment.astimezone()).total_seconds())


def short(span_s: float) -> str:
    """Return a span as kubectl prints ages: ``42s``, ``5m``, ``3h``, ``2d``."""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if span_s >= 2 * size:
            return f"{int(span_s // size)}{unit}"
    return f"{int(max(0.0, span_s))}s"


def spoken(span_s: float) -> str:
    """Return a span as Docker prints it: ``42 seconds``, ``5 minutes``, ``3 hours``."""
    for word, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if span_s >= 2 * size:
            return f"{int(span_s // size)} {word}"
    return f"{int(max(0.0, span_s))} seconds"
