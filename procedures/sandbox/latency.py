"""Latency as a distribution, so that a thousand requests cost as much as one."""

import math
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A log-normal spread: most are near the median, few are much slower.

    Attributes:
        median_s: Half of all are faster, seconds.
        sigma: Width of the logarithm; 0.5 puts the 95th percentile at 2.3 times the median.
    """

    median_s: float
    sigma: float

    @property
    def mean_s(self) -> float:
        """The average, seconds."""
        return self.median_s * math.exp(self.sigma**2 / 2)

    def shares(self, bounds: tuple[float, ...]) -> tuple[float, ...]:
        """Return for each bound (seconds) the share, 0 to 1, that is not slower."""
        return _shares(self, bounds)


@lru_cache(maxsize=256)
def _shares(spread: Lognormal, bounds: tuple[float, ...]) -> tuple[float, ...]:
    scale = spread.sigma * math.sqrt(2)
    return tuple(
        0.5 * (1 + math.erf(math.log(bound / spread.median_s) / scale)) for bound in bounds
    )
