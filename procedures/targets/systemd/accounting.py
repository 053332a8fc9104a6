"""What units use, from the counters of their control groups; pure but for what it remembers."""

from procedures.targets.systemd.properties import Properties, number
from procedures.targets.values import Use

_SHORTEST_S = 0.2
"""Between two looks; in less, the processor's counter hardly moves."""


class Accounting:
    """Turns a counter of processor time into processors in use, by what it was a look earlier."""

    def __init__(self) -> None:
        self._samples: dict[str, tuple[float, int]] = {}
        self._cores: dict[str, float] = {}

    def use(self, properties: Properties, at_s: float) -> Use:
        """Return what a unit uses.

        Args:
            properties: As they were printed.
            at_s: When, on a clock that never goes back.
        """
        return Use(
            cpu_cores=self._cpu(properties["Id"], number(properties.get("CPUUsageNSec")), at_s),
            memory_bytes=number(properties.get("MemoryCurrent")),
            memory_limit_bytes=number(properties.get("MemoryMax")),
        )

    def keep(self, ids: set[str]) -> None:
        """Forget every unit but these."""
        for each in self._samples.keys() - ids:
            del self._samples[each]
            self._cores.pop(each, None)

    def _cpu(self, unit: str, used_ns: int | None, at_s: float) -> float | None:
        if used_ns is None:
            self._samples.pop(unit, None)
            self._cores.pop(unit, None)
            return None
        before = self._samples.get(unit)
        if before is None or used_ns < before[1]:  # a new life counts from zero
            self._samples[unit] = (at_s, used_ns)
            self._cores.pop(unit, None)
        elif at_s - before[0] >= _SHORTEST_S:
            self._cores[unit] = (used_ns - before[1]) / 1e9 / (at_s - before[0])
            self._samples[unit] = (at_s, used_ns)
        return self._cores.get(unit)
