"""How many requests arrive: a daily curve with a little unrest."""

import math
from random import Random

MEAN_RPS = 40.0
SWING_RPS = 17.0
PEAK_HOUR_UTC = 14.0
_DAY_S = 86_400.0
_UNREST = 0.05
_UNREST_LASTS_S = 120.0


class Load:
    """Requests per second over the day, quietest at two in the morning UTC."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._unrest = 0.0

    def advance(self, seconds: float) -> None:
        """Let the unrest wander; its size does not depend on the length of the steps."""
        kept = math.exp(-seconds / _UNREST_LASTS_S)
        self._unrest = self._unrest * kept + self._rng.gauss(0, _UNREST) * math.sqrt(1 - kept**2)

    def rps(self, now: float) -> float:
        """Return the requests per second at the Unix time ``now``; never below a quarter."""
        return curve(now) * max(0.25, 1 + self._unrest)


def curve(now: float) -> float:
    """Return the requests per second that the time of day lets expect."""
    phase = (now % _DAY_S) / _DAY_S - PEAK_HOUR_UTC / 24
    return MEAN_RPS + SWING_RPS * math.cos(2 * math.pi * phase)
