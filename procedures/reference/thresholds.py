"""Where an indicator turns from ok to warning to critical."""

import math
from dataclasses import dataclass
from enum import Enum

from procedures.errors import PolicyDataError
from procedures.reference.states import State


class Worse(Enum):
    """The direction in which an indicator gets worse."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Two limits in the indicator's own unit; PolicyDataError if they cross.

    The boundaries follow the key-metrics table of the operations README: a value on the
    critical limit is still a warning, and a value on the target is a warning too unless
    ``target_is_ok`` (a table that writes the target without a sign, as for availability).

    Attributes:
        target: Limit of OK.
        critical: Limit of WARNING; beyond it is CRITICAL.
        worse: The direction in which values get worse.
        target_is_ok: Whether the target value itself counts as OK.
    """

    target: float
    critical: float
    worse: Worse = Worse.HIGHER
    target_is_ok: bool = False

    def __post_init__(self) -> None:
        rising = self.worse is Worse.HIGHER
        if math.isnan(self.target) or math.isnan(self.critical):
            raise PolicyDataError("a threshold is not a number", fix="Give two finite numbers")
        if (self.target >= self.critical) if rising else (self.target <= self.critical):
            side = "below" if rising else "above"
            raise PolicyDataError(
                f"target {self.target:g} is not {side} critical {self.critical:g}",
                fix=f"Put the target {side} the critical limit, or change `worse`",
            )

    def state(self, value: float) -> State:
        """Return how bad ``value`` is; a value that is no number is UNKNOWN, never OK."""
        if math.isnan(value):
            return State.UNKNOWN
        sign = 1.0 if self.worse is Worse.HIGHER else -1.0
        value, target, critical = sign * value, sign * self.target, sign * self.critical
        if value > critical:
            return State.CRITICAL
        if value > target or (value == target and not self.target_is_ok):
            return State.WARNING
        return State.OK
