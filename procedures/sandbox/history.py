"""Past samples of every replica, to hand to a console that has just come."""

from array import array
from collections.abc import Iterator

from procedures.sandbox.families import UP
from procedures.sandbox.metric_store import Family, Sample, header, label_text, number_text
from procedures.sandbox.replica import Replica

STEP_S = 30.0
"""Two of them fit into the shortest window that a console takes a rate over."""
SPAN_S = 3600.0
_NOT_KEPT = frozenset(
    {
        "audit_event_processing_duration_seconds",
        "cache_operation_duration_seconds",
        "crypto_operation_duration_seconds",
        "rbac_check_duration_seconds",
        "storage_operation_duration_seconds",
    }
)
"""Histograms of inner operations: a third of all samples, and nobody asks for their past."""


class Track:
    """One series: its times (Unix milliseconds) and values, oldest first."""

    __slots__ = ("times", "values")

    def __init__(self) -> None:
        self.times = array("q")
        self.values = array("d")

    def append(self, at_ms: int, value: float) -> None:
        """Add a point, and drop the points that are older than the span."""
        self.times.append(at_ms)
        self.values.append(value)
        if self.times[0] < at_ms - SPAN_S * 1000:
            del self.times[0], self.values[0]


class History:
    """Samples of the last hour, taken every :data:`STEP_S` seconds."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._tracks: dict[str, dict[tuple[str, str, str], Track]] = {}
        self._next_at = 0.0

    def due(self, now: float) -> bool:
        """Whether it is time for the next samples."""
        return now >= self._next_at

    def record(self, now: float, instance: str, replica: Replica) -> None:
        """Keep what a scrape of ``replica`` at the Unix time ``now`` would have seen."""
        at_ms = round(now * 1000)
        self._next_at = now + STEP_S
        self._keep(at_ms, instance, Sample(UP, "up", "", float(replica.listening)))
        if replica.listening:
            for sample in replica.store.samples(without=_NOT_KEPT):
                self._keep(at_ms, instance, sample)

    def _keep(self, at_ms: int, instance: str, sample: Sample) -> None:
        family = sample.family.name
        tracks = self._tracks.get(family)
        if tracks is None:
            self._families[family] = sample.family
            tracks = self._tracks[family] = {}
        key = (sample.name, instance, sample.labels)
        track = tracks.get(key)
        if track is None:
            track = tracks[key] = Track()
        track.append(at_ms, sample.value)

    def exposition(self) -> Iterator[str]:
        """Yield text exposition with timestamps, a family at a time."""
        for name, tracks in self._tracks.items():
            lines = [header(self._families[name])]
            for (sample, instance, labels), track in tracks.items():
                inner = label_text([("instance", instance)]) + (f",{labels}" if labels else "")
                lines += [
                    f"{sample}{{{inner}}} {number_text(value)} {at_ms}\n"
                    for at_ms, value in zip(track.times, track.values, strict=True)
                ]
            yield "".join(lines)
