"""Quantiles of a histogram with cumulative buckets, interpolated as Prometheus does."""

import math
from collections.abc import Mapping


def histogram_quantile(q: float, buckets: Mapping[float, float]) -> float:
    """Return the ``q`` quantile; NaN without observations or without a +Inf bucket.

    Args:
        q: Between 0 and 1.
        buckets: Cumulative counts (or rates) by upper bound.

    Source: ``bucketQuantile`` in Prometheus' ``promql/quantile.go``.
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or not math.isinf(bounds[-1]):
        return math.nan
    counts = _rising([buckets[bound] for bound in bounds])
    rank = q * counts[-1]
    if not counts[-1]:
        return math.nan
    position = next(index for index, count in enumerate(counts) if count >= rank)
    if position == len(bounds) - 1:
        return bounds[-2]
    if position == 0 and bounds[0] <= 0:
        return bounds[0]
    lower = bounds[position - 1] if position else 0.0
    below = counts[position - 1] if position else 0.0
    share = (rank - below) / (counts[position] - below)
    return lower + (bounds[position] - lower) * share


def _rising(counts: list[float]) -> list[float]:
    """Return the counts without the dips that rounding and scrape gaps leave."""
    highest = 0.0
    rising = []
    for count in counts:
        highest = max(highest, count)
        rising.append(highest)
    return rising
