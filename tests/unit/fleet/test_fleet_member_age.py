"""An environment with sources of its own is not well because it once was."""

from datetime import timedelta

import pytest

from procedures.clock import Clock
from procedures.environment import Environment, Method, Tier
from procedures.fleet.fleet import FleetSettings, fleet_of
from procedures.fleet.values import FleetRow, FleetView
from procedures.fleet.watch import FleetWatch
from procedures.reference.states import State
from procedures.signals.values import Snapshot
from tests.scripted import NOW, FixedClock, snapshot

ALONE = Environment(name="alone", tier=Tier.STAGING, method=Method.DOCKER)
FLEET = fleet_of(FleetSettings(interval_s=5), {"alone": ALONE})


class Members:
    """Environments that answered once, and whose next question takes as long as the test says."""

    def __init__(self, clock: FixedClock) -> None:
        self.snapshots: dict[str, Snapshot] = {"alone": snapshot()}
        self.clock = clock
        self.takes_s = 0.0

    async def look(self, environments: object, *, patience_s: float) -> None:
        self.snapshots = {"alone": snapshot(at=self.clock.now())}
        self.clock.pass_(self.takes_s)


class Stage:
    """A fleet of one that was well at the beginning."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        clock: Clock = self.clock
        self.watch = FleetWatch(FLEET, clock)
        self.members = Members(self.clock)
        self.watch._members = self.members  # type: ignore[assignment]

    def row(self, view: FleetView | None = None) -> FleetRow:
        (row,) = (view or self.watch._view()).rows
        return row


@pytest.mark.parametrize("seconds", [0, 5, 15])
def test_what_answered_within_three_intervals_is_as_it_said(seconds: int) -> None:
    stage = Stage()
    stage.clock.pass_(seconds)
    assert stage.row().state is State.OK


@pytest.mark.parametrize("seconds", [16, 1800])
def test_what_was_not_asked_for_longer_is_unknown_and_its_values_stay(seconds: int) -> None:
    stage = Stage()
    before = stage.row()
    stage.clock.pass_(seconds)
    row = stage.row()
    assert row.state is State.UNKNOWN
    assert row.firing is None
    assert f"no fresh data since {NOW:%H:%M:%S} UTC" in row.fault
    assert row.at == before.at
    assert row.readings["cpu"].value == before.readings["cpu"].value
    assert {each.state for each in row.readings.values()} == {State.UNKNOWN}


async def test_in_a_look_at_many_the_first_answer_is_not_too_old_when_the_last_comes() -> None:
    stage = Stage()
    stage.clock.pass_(timedelta(minutes=30).total_seconds())
    stage.members.takes_s = 60
    assert stage.row(await stage.watch.look(patience_s=1)).state is State.OK
