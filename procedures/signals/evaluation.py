"""A measure answered from samples in memory, with Prometheus' own arithmetic."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from procedures.environment import Limits
from procedures.reference.measures import (
    Aggregate,
    Gauge,
    Growth,
    Measure,
    Promql,
    Quantile,
    Rate,
    Ratio,
    Selector,
    metrics_of,
    total_of,
)
from procedures.signals.promql import divisor_of, window_of
from procedures.signals.quantiles import histogram_quantile
from procedures.signals.samples import SampleStore, Series

Group = tuple[str, ...]
"""Values of the ``by`` labels; empty for the whole."""

Groups = Mapping[Group, float]

NO_GROUPS: Groups = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The answer for one measure at one instant.

    Attributes:
        value: Of the whole, without any breakdown; None when there is none.
        why_not: Why there is no value; empty when there is one.
        groups: The breakdown, where the measure asks for one.
    """

    value: float | None
    why_not: str = ""
    groups: Groups = field(default_factory=lambda: NO_GROUPS)


def explain_absence(measure: Measure, *, exported: Iterable[str], nan: bool) -> str:
    """Say why a measure has no value: not exported, no traffic, or no data."""
    metrics = metrics_of(measure)
    if metrics and not set(metrics) & set(exported):
        return f"not exported by the service ({metrics[0]})"
    return "no traffic" if nan else "no data"


class Evaluator:
    """Answers measures for the Unix time ``at`` over one store.

    Many measures are made of the same few series: each series' rate is computed once.
    """

    def __init__(self, store: SampleStore, at: float, *, window_s: int, limits: Limits) -> None:
        self._store = store
        self._at = at
        self._window_s = window_s
        self._limits = limits
        self._known_rates: dict[tuple[Selector, float], list[tuple[Series, float]]] = {}

    def evaluate(self, measure: Measure) -> Evaluation:
        """Answer ``measure``."""
        if isinstance(measure, Promql):
            return Evaluation(value=None, why_not="needs a Prometheus server")
        total = self._groups(total_of(measure)).get(())
        groups = self._groups(measure) if getattr(measure, "by", ()) else NO_GROUPS
        groups = {group: value for group, value in groups.items() if not math.isnan(value)}
        if total is None or math.isnan(total):
            exported = self._store.names
            why_not = explain_absence(measure, exported=exported, nan=total is not None)
            return Evaluation(value=None, why_not=why_not, groups=groups)
        return Evaluation(value=total, groups=groups)

    def _groups(self, measure: Measure) -> Groups:
        match measure:
            case Rate():
                return self._rate(measure)
            case Ratio():
                return self._ratio(measure)
            case Quantile():
                return self._quantile(measure)
            case Gauge():
                return self._gauge(measure)
            case Growth():
                return self._growth(measure)
            case Promql():
                return NO_GROUPS

    def _rate(self, rate: Rate) -> Groups:
        factor = rate.scale / divisor_of(rate.divisor, self._limits)
        total: dict[Group, float] = {}
        for selector in rate.of:
            rates = self._rates(selector, rate.window_s, rate.by, rate.aggregate)
            if not rates and selector.where and not rate.by:
                whole = Selector(selector.metric)
                rates = dict.fromkeys(self._rates(whole, rate.window_s, ()), 0.0)
            if not rates and not rate.by:
                return NO_GROUPS
            for group, value in rates.items():
                total[group] = total.get(group, 0.0) + value * factor
        return total

    def _ratio(self, ratio: Ratio) -> Groups:
        under_s = ratio.under_window_s or ratio.window_s
        over = self._sums(ratio.over, ratio.window_s, ratio.by)
        under = self._sums(ratio.under, under_s, ratio.by)
        return {
            group: over.get(group, 0.0) / whole * ratio.scale if whole else math.nan
            for group, whole in under.items()
        }

    def _sums(
        self, selectors: tuple[Selector, ...], window_s: int, by: tuple[str, ...]
    ) -> dict[Group, float]:
        sums: dict[Group, float] = {}
        for selector in selectors:
            for group, value in self._rates(selector, window_s, by).items():
                sums[group] = sums.get(group, 0.0) + value
        return sums

    def _quantile(self, quantile: Quantile) -> Groups:
        rates = self._rates(quantile.of, quantile.window_s, ("le", *quantile.by))
        histograms: dict[Group, dict[float, float]] = {}
        for (bound, *group), value in rates.items():
            histograms.setdefault(tuple(group), {})[float(bound)] = value
        return {
            group: histogram_quantile(quantile.q, buckets) * quantile.scale
            for group, buckets in histograms.items()
        }

    def _gauge(self, gauge: Gauge) -> Groups:
        factor = gauge.scale / divisor_of(gauge.divisor, self._limits)
        for selector in gauge.of:
            values = [
                (series, self._at - value if gauge.since else value)
                for series in self._store.select(selector)
                if (value := series.present(self._at)) is not None
            ]
            if values:
                groups = _gathered(values, gauge.by, gauge.aggregate)
                return {group: value * factor for group, value in groups.items()}
        return NO_GROUPS if gauge.if_absent is None else {(): gauge.if_absent * factor}

    def _growth(self, growth: Growth) -> Groups:
        slopes = [
            (series, slope)
            for series in self._store.select(growth.of)
            if (slope := _slope(series, self._at - growth.window_s, self._at)) is not None
        ]
        groups = _gathered(slopes, (), growth.aggregate)
        return {group: value * growth.scale for group, value in groups.items()}

    def _rates(
        self,
        selector: Selector,
        window_s: int,
        by: tuple[str, ...],
        aggregate: Aggregate = Aggregate.SUM,
    ) -> dict[Group, float]:
        window = self._observed(window_of(window_s, self._window_s))
        rates = self._known_rates.get((selector, window))
        if rates is None:
            rates = self._known_rates[selector, window] = [
                (series, rate)
                for series in self._store.select(selector)
                if (rate := _per_second(series, self._at - window, self._at)) is not None
            ]
        return _gathered(rates, by, aggregate)

    def _observed(self, window_s: float) -> float:
        """Return the window, or the time since the first sample while that is shorter.

        A rate over time that nobody watched would come out far too low, and so too good.
        """
        return min(window_s, max(self._at - self._store.began, 0.001))


_AGGREGATES: Mapping[Aggregate, Callable[[list[float]], float]] = {
    Aggregate.SUM: sum,
    Aggregate.AVG: lambda values: sum(values) / len(values),
    Aggregate.MAX: max,
    Aggregate.MIN: min,
}


def _gathered(
    values: list[tuple[Series, float]], by: tuple[str, ...], aggregate: Aggregate
) -> dict[Group, float]:
    gathered: dict[Group, list[float]] = {}
    for series, value in values:
        group = tuple(series.labels.get(label, "") for label in by)
        gathered.setdefault(group, []).append(value)
    return {group: _AGGREGATES[aggregate](members) for group, members in gathered.items()}


def _per_second(series: Series, start: float, end: float) -> float | None:
    """Return the rate of a counter over [start, end]; None with fewer than two samples.

    Source: ``extrapolatedRate`` in Prometheus' ``promql/functions.go``.
    """
    first, past = series.span(start, end)
    if past - first < 2:
        return None
    begins, ends = series.times[first], series.times[past - 1]
    increase = series.values[past - 1] - series.values[first]
    increase += sum(lost for at, lost in series.resets if begins < at <= ends)
    sampled = ends - begins
    between = sampled / (past - first - 1)
    to_start, to_end = begins - start, end - ends
    if increase > 0 and series.values[first] >= 0:
        to_start = min(to_start, sampled * series.values[first] / increase)
    covered = sampled
    for gap in (to_start, to_end):
        covered += gap if gap < between * 1.1 else between / 2
    return increase * covered / sampled / (end - start)


def _slope(series: Series, start: float, end: float) -> float | None:
    """Return the least-squares slope per second; None with fewer than two samples."""
    first, past = series.span(start, end)
    if past - first < 2:
        return None
    times, values = series.times[first:past], series.values[first:past]
    mean_t, mean_v = sum(times) / len(times), sum(values) / len(values)
    spread = sum((t - mean_t) ** 2 for t in times)
    return sum((t - mean_t) * (v - mean_v) for t, v in zip(times, values, strict=True)) / spread
