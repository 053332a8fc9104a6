"""Recent samples of a few hundred series in memory, as a scraper keeps them."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

from procedures.reference.measures import Match, MatchOp, Selector

LOOKBACK_S = 300.0
"""How long the last sample of a series counts as its present value, as in Prometheus."""

FINE_S = 900.0
"""Age up to which every sample is kept; older ones are thinned to one in ``COARSE_S``."""

COARSE_S = 15.0

Labels = tuple[tuple[str, str], ...]
"""Label names and values, sorted by name."""


def labels_of(labels: Mapping[str, str]) -> Labels:
    """Return ``labels`` in the order that identifies a series."""
    return tuple(sorted(labels.items()))


class Series:
    """One series: samples in the order of time, resets and the moments at which it ended.

    Resets are noted when a sample arrives, so that an increase over any window costs two
    searches and not a walk.
    """

    __slots__ = ("labels", "resets", "stale", "times", "values")

    def __init__(self, labels: Labels) -> None:
        self.labels = dict(labels)
        self.times = array("d")
        self.values = array("d")
        self.resets: list[tuple[float, float]] = []
        self.stale: list[float] = []

    def add(self, at: float, value: float) -> None:
        """Take one sample; one that is not newer than the last is ignored."""
        if self.times and at <= self.times[-1]:
            return
        if self.values and value < self.values[-1]:
            self.resets.append((at, self.values[-1]))
        self.times.append(at)
        self.values.append(value)

    def end(self, at: float) -> None:
        """Note that the series is gone since ``at``."""
        if not self.stale or self.stale[-1] < self.times[-1]:
            self.stale.append(at)

    def present(self, at: float) -> float | None:
        """Return the value at ``at``: the last within the lookback unless the series ended."""
        position = bisect_right(self.times, at) - 1
        if position < 0 or at - self.times[position] >= LOOKBACK_S:
            return None
        ended = bisect_right(self.stale, at)
        if ended and self.stale[ended - 1] > self.times[position]:
            return None
        return self.values[position]

    def span(self, start: float, end: float) -> tuple[int, int]:
        """Return the positions, first and one past the last, of the samples in [start, end]."""
        return bisect_left(self.times, start), bisect_right(self.times, end)

    def thin(self, fine_from: float, keep_from: float) -> None:
        """Forget what is older than ``keep_from``; thin what is older than ``fine_from``."""
        times, values = array("d"), array("d")
        for at, value in zip(self.times, self.values, strict=True):
            if at >= keep_from and (at >= fine_from or not times or at - times[-1] >= COARSE_S):
                times.append(at)
                values.append(value)
        self.times, self.values = times, values
        self.resets = [reset for reset in self.resets if reset[0] >= keep_from]
        self.stale = [at for at in self.stale if at >= keep_from]


class SampleStore:
    """Samples of the metrics in ``wanted``, no older than ``horizon_s``.

    Attributes:
        names: Every metric name that any target has exported, wanted or not.
        began: Unix time of the oldest sample ever taken; infinity before the first.
        newest: Unix time of the newest sample; minus infinity before the first.
    """

    def __init__(self, *, wanted: Iterable[str], horizon_s: float = 3900.0) -> None:
        self._wanted = frozenset(wanted)
        self._horizon_s = horizon_s
        self._series: dict[str, dict[Labels, Series]] = {}
        self._selected: dict[Selector, tuple[Series, ...]] = {}
        self._thinned_at = float("-inf")
        self.names: set[str] = set()
        self.began = float("inf")
        self.newest = float("-inf")

    def wants(self, metric: str) -> bool:
        """Return whether samples of ``metric`` are kept; notes that it is exported."""
        self.names.add(metric)
        return metric in self._wanted

    def add(self, metric: str, labels: Labels, at: float, value: float) -> None:
        """Take one sample, ``at`` being its Unix time."""
        family = self._series.setdefault(metric, {})
        series = family.get(labels)
        if series is None:
            series = family[labels] = Series(labels)
            self._selected.clear()
        series.add(at, value)
        self.began = min(self.began, at)
        self.newest = max(self.newest, at)

    def end_missing(self, label: str, value: str, at: float) -> None:
        """End each series with that label, ``up`` aside, that has no sample of ``at`` itself."""
        for metric, family in self._series.items():
            for series in family.values():
                if series.labels.get(label) == value and series.times[-1] < at and metric != "up":
                    series.end(at)

    def end_strangers(self, label: str, known: frozenset[str]) -> None:
        """End the series whose ``label`` is none of ``known``, right after their last sample."""
        for family in self._series.values():
            for series in family.values():
                if series.labels.get(label) not in known:
                    series.end(series.times[-1] + 0.001)

    def prune(self, now: float) -> None:
        """Forget and thin what is old; cheap when called often."""
        if now - self._thinned_at < 60:
            return
        self._thinned_at = now
        for metric, family in list(self._series.items()):
            for series in family.values():
                series.thin(now - FINE_S, now - self._horizon_s)
            kept = {labels: series for labels, series in family.items() if series.times}
            if len(kept) != len(family):
                self._series[metric] = kept
                self._selected.clear()

    def select(self, selector: Selector) -> tuple[Series, ...]:
        """Return the series that satisfy ``selector``."""
        found = self._selected.get(selector)
        if found is None:
            family = self._series.get(selector.metric, {}).values()
            found = tuple(series for series in family if _matches(series.labels, selector.where))
            self._selected[selector] = found
        return found


def _matches(labels: Mapping[str, str], where: tuple[Match, ...]) -> bool:
    return all(_holds(labels.get(match.label, ""), match) for match in where)


def _holds(value: str, match: Match) -> bool:
    match match.op:
        case MatchOp.EQUAL:
            return value == match.value
        case MatchOp.NOT_EQUAL:
            return value != match.value
        case MatchOp.REGEX:
            return re.fullmatch(match.value, value) is not None
        case MatchOp.NOT_REGEX:
            return re.fullmatch(match.value, value) is None
