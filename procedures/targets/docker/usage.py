"""What containers use, from two samples of the engine's counters; pure."""

from collections.abc import Mapping
from typing import Any

from procedures.targets.values import NO_USE, Use

Json = Mapping[str, Any]


def use_of(sample: Json, before: Json | None) -> Use:
    """Return what a container uses; its processors are known from the second sample on.

    The page cache is left out of the memory, as ``docker stats`` does: it can be dropped.
    """
    memory = sample.get("memory_stats") or {}
    usage = memory.get("usage")
    if usage is None:
        return NO_USE
    stats = memory.get("stats") or {}
    cache = stats.get("total_inactive_file", stats.get("inactive_file", 0))
    limit = memory.get("limit")
    return Use(
        cpu_cores=_cores(sample, before),
        memory_bytes=float(max(0, usage - cache)),
        memory_limit_bytes=float(limit) if limit else None,
    )


def _cores(sample: Json, before: Json | None) -> float | None:
    now, then = sample.get("cpu_stats") or {}, (before or {}).get("cpu_stats") or {}
    try:
        used = now["cpu_usage"]["total_usage"] - then["cpu_usage"]["total_usage"]
        passed = now["system_cpu_usage"] - then["system_cpu_usage"]
    except (KeyError, TypeError):
        return None
    count = now.get("online_cpus") or len(now["cpu_usage"].get("percpu_usage") or ()) or 1
    if passed <= 0 or used < 0:  # it was started again meanwhile
        return None
    return float(used / passed * count)
