"""What is known of a fleet: one row for each environment and each target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType

from procedures.environment import Tier
from procedures.reference.states import State, worst
from procedures.signals.values import Reading

RowKey = tuple[bool, str]
"""Whether it is an environment of the settings, and its name: what tells two rows apart."""


class Trend(Enum):
    """Where a value has gone since a minute or two ago."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRow:
    """One environment or target.

    Attributes:
        name: Of the environment, or the value of the fleet's label.
        is_environment: Whether the settings describe it; only then is more known of it.
        label: Value of the label that it was found by; empty for one with sources of its own.
        readings: The key indicators, by id.
        state: Of the whole; UNKNOWN for one that is not seen any more, whatever it was.
        firing: How many alerts fire; None when nobody can say.
        at: When the newest data was measured; None before the first.
        fault: Why it is not known, or not as well as it should be.
        trends: Which indicators rise or fall.
    """

    name: str
    is_environment: bool
    tier: Tier
    label: str = ""
    readings: Mapping[str, Reading]
    state: State
    firing: int | None = None
    at: datetime | None = None
    fault: str = ""
    trends: Mapping[str, Trend] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def key(self) -> RowKey:
        """Identity across looks."""
        return self.is_environment, self.name

    @property
    def score(self) -> int:
        """How much it asks for attention: its state first, then how many indicators are how bad.

        It is made of states alone: a value that wavers within one state moves no row.
        """
        count = dict.fromkeys(State, 0)
        for reading in self.readings.values():
            count[reading.state] += 1
        counted = (State.CRITICAL, State.WARNING, State.UNKNOWN)
        score = self.state.concern
        for state in counted:
            score = 100 * score + count[state]
        return score


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """The whole fleet at one moment.

    Attributes:
        rows: Worst first.
        fault: What is wrong with the server that knows many targets; empty while it answers.
    """

    at: datetime
    rows: tuple[FleetRow, ...]
    fault: str = ""

    @property
    def state(self) -> State:
        """The worst of all; without a server that should know more, no fleet is well."""
        return worst([*(row.state for row in self.rows), *([State.UNKNOWN] if self.fault else [])])
