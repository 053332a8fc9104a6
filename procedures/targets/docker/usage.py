"""What containers use, from two samples of the engine's counters; pure."""

from collections.abc import Mapping
from typing import Any

from procedures.targets.values import NO_USE, Use

Json = Mapping[str, Any]


def use_of(sample: Json, before: Json | None) -> Use:
    """Return what a container uses, between the sample before, or its own first half, and now.

    The page cache is left out of the memory, as ``docker stats`` does: it can be dropped. The
    limit that the engine gives is the machine's memory where a container has none of its own.
    """
    memory = sample.get("memory_stats") or {}
    usage = memory.get("usage")
    if usage is None:
        return NO_USE
    stats = memory.get("stats") or {}
    cache = stats.get("total_inactive_file", stats.get("inactive_file", 0))
    then = (before or {}).get("cpu_stats") or sample.get("precpu_stats") or {}
    return Use(
        cpu_cores=_cores(sample.get("cpu_stats") or {}, then),
        memory_bytes=float(usage - cache if cache < usage else usage),
    )


def _cores(now: Json, then: Json) -> float | None:
    try:
        used = now["cpu_usage"]["total_usage"] - then["cpu_usage"]["total_usage"]
        passed = now["system_cpu_usage"] - then["system_cpu_usage"]
    except (KeyError, TypeError):
        return None
    count = now.get("online_cpus") or len(now["cpu_usage"].get("percpu_usage") or ()) or 1
    if passed <= 0 or used < 0:  # it was started again meanwhile
        return None
    return float(used / passed * count)
