"""The cache: two tiers that are warm, cold or gone."""

import math

from procedures.sandbox.lifecycle import Lifecycle

L1_HIT_SHARE = 0.905
L2_HIT_SHARE = 0.86
FULL_ENTRIES = 8_400
BYTES_PER_ENTRY = 1_850
_FIRST_TIER_SHARE = 0.5
"""A first tier fills in this share of the time that the shared one takes."""
_BASE_BYTES = 1_100_000


class Cache:
    """The shared second tier (Redis), on whose word the first tiers trust their entries.

    Attributes:
        process: The Redis process.
        warmth: 0 (empty) to 1 (as warm as it gets).
        keys: Keys that an operator has set by hand.
        expiries: Unix times at which some of them go.
        settings: What CONFIG SET has changed.
        hits: Look-ups it has answered since it started.
        misses: Look-ups it could not answer.
    """

    def __init__(self, process: Lifecycle, *, warm_s: float) -> None:
        self.process = process
        self.warmth = 1.0
        self.keys: dict[str, str] = {}
        self.expiries: dict[str, float] = {}
        self.settings: dict[str, str] = {}
        self.hits = 0
        self.misses = 0
        self._warm_s = warm_s
        self._generation = process.generation

    @property
    def entries(self) -> int:
        """Number of keys."""
        return round(FULL_ENTRIES * self.warmth) + len(self.keys)

    @property
    def memory_bytes(self) -> int:
        """Memory in use."""
        return _BASE_BYTES + self.entries * BYTES_PER_ENTRY

    def first_tier(self, warmth: float, seconds: float) -> float:
        """Return the warmth of a first tier ``seconds`` later: it fills from this tier."""
        if not self.process.ready:
            return 0.0
        missing = self.warmth - warmth
        return warmth + missing * (1 - math.exp(-seconds / (_FIRST_TIER_SHARE * self._warm_s)))

    def flush(self) -> None:
        """Drop every key."""
        self.warmth = 0.0
        self.keys.clear()
        self.expiries.clear()

    def expire(self, now: float) -> None:
        """Drop the keys whose time is over at the Unix time ``now``."""
        for key in [key for key, at in self.expiries.items() if at <= now]:
            del self.expiries[key]
            self.keys.pop(key, None)

    def advance(self, seconds: float) -> None:
        """Warm up while it serves; a new process begins empty."""
        if self.process.generation != self._generation:
            self._generation = self.process.generation
            self.flush()
            self.settings.clear()
            self.hits = self.misses = 0
        cold = (1 - self.warmth) * math.exp(-seconds / self._warm_s)
        self.warmth = 1 - cold if self.process.ready else 0.0
