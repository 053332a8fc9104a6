"""Whole-number draws whose cost does not grow with what they count."""

import math
from random import Random

_KNUTH_LIMIT = 12.0
_COUNTED_TRIALS = 40
"""So few are drawn one by one: cut off at their number, an approximation would come out too low."""


def poisson(rng: Random, mean: float) -> int:
    """Return how many events happen where ``mean`` are expected; 0 for a mean of 0 or less."""
    if mean <= 0:
        return 0
    if mean > _KNUTH_LIMIT:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    floor, product, count = math.exp(-mean), rng.random(), 0
    while product > floor:
        product *= rng.random()
        count += 1
    return count


def binomial(rng: Random, trials: int, share: float) -> int:
    """Return how many of ``trials`` succeed when each does with probability ``share``."""
    if trials <= 0 or share <= 0:
        return 0
    if share > 0.5:
        return trials - binomial(rng, trials, 1 - share)
    if trials <= _COUNTED_TRIALS:
        return sum(rng.random() < share for _ in range(trials))
    mean = trials * share
    if mean < _KNUTH_LIMIT:
        return min(trials, poisson(rng, mean))
    return min(trials, max(0, round(rng.gauss(mean, math.sqrt(mean * (1 - share))))))
