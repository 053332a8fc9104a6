"""How well a thing is: the four states that every screen, check and report shares."""

from collections.abc import Iterable
from enum import Enum


class State(Enum):
    """The state of an indicator, a component or a whole service.

    The value is the word that an operator reads. Order of concern, mildest first:
    OK, UNKNOWN, WARNING, CRITICAL.
    """

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def concern(self) -> int:
        """How much it matters, 0 (ok) to 3 (critical)."""
        return _CONCERN[self]

    @property
    def exit_code(self) -> int:
        """The monitoring-plugin exit status: 0 ok, 1 warning, 2 critical, 3 unknown."""
        return _EXIT_CODES[self]


_CONCERN = {State.OK: 0, State.UNKNOWN: 1, State.WARNING: 2, State.CRITICAL: 3}
_EXIT_CODES = {State.OK: 0, State.WARNING: 1, State.CRITICAL: 2, State.UNKNOWN: 3}


def worst(states: Iterable[State]) -> State:
    """Return the state of most concern; UNKNOWN when there is none, for nothing is no good news."""
    return max(states, key=lambda state: state.concern, default=State.UNKNOWN)
