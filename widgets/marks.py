"""Words and signs for states, so that nothing is told by colour alone."""

from datetime import datetime

from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold, Worse
from procedures.signals.values import Alert, AlertHandling, AlertPhase
from procedures.signals.verdict import severity_state

GLYPHS = {State.OK: "●", State.WARNING: "▲", State.CRITICAL: "■", State.UNKNOWN: "?"}
"""One cell each, different in shape."""

HANDLING_MARKS = {
    AlertHandling.ACTIVE: "",
    AlertHandling.ACKNOWLEDGED: "ack",
    AlertHandling.SILENCED: "silent",
    AlertHandling.INHIBITED: "inhib",
}
"""Where the whole word has no room."""


def alert_state(alert: Alert) -> State:
    """Return the state whose colour and glyph show an alert; a pending one is never critical."""
    state = severity_state(alert.severity)
    pending = alert.phase is AlertPhase.PENDING
    return State.WARNING if pending and state is State.CRITICAL else state


def counted(number: int, noun: str) -> str:
    """Write a number of things whose plural takes an s: ``1 run``, ``2 runs``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Write a duration in at most four characters: ``8s``, ``12m``, ``3h``, ``5d``."""
    seconds = max(0.0, seconds)
    for limit, unit, size in ((100, "s", 1), (6000, "m", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds / 86_400:.0f}d"


def age(at: datetime | None, now: datetime) -> str:
    """Write how long ago ``at`` was, or ``never``."""
    return "never" if at is None else duration((now - at).total_seconds())


def size(size_bytes: float) -> str:
    """Write an amount of bytes in binary units: ``512B``, ``1.5GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(size_bytes) < 1024:
            return f"{size_bytes:.0f}{unit}" if unit == "B" else f"{size_bytes:.1f}{unit}"
        size_bytes /= 1024
    return f"{size_bytes:.1f}TiB"


def format_value(value: float, indicator: Indicator) -> str:
    """Write ``value`` with its unit: bytes and seconds in readable sizes, numbers as they are."""
    if indicator.unit == "bytes":
        for unit in ("B", "KiB", "MiB", "GiB"):
            if abs(value) < 1024:
                return f"{value:.1f} {unit}"
            value /= 1024
        return f"{value:.1f} TiB"
    if indicator.unit == "s" and indicator.decimals == 0:
        return duration(value)
    space = "" if indicator.unit == "%" else " "
    return f"{value:,.{indicator.decimals}f}{space}{indicator.unit}".rstrip()


def aims(threshold: Threshold, unit: str) -> str:
    """Write the target and the critical limit, with the signs of the key-metrics table."""
    ok, bad = ("<", ">") if threshold.worse is Worse.HIGHER else (">", "<")
    if threshold.target_is_ok:
        ok = "≥" if threshold.worse is Worse.LOWER else "≤"
    suffix = unit if unit == "%" else ""
    return f"{ok}{threshold.target:g}{suffix} {GLYPHS[State.CRITICAL]}{bad}{threshold.critical:g}"
