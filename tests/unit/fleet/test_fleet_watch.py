"""Who is asked, what is remembered, and what is never taken for good."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from procedures.environment import Endpoint, Environment, Method, Tier
from procedures.errors import SourceError
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.fleet.grouping import Target, targets_of
from procedures.fleet.source import Targets
from procedures.fleet.trends import Trends
from procedures.fleet.values import FleetRow, Trend
from procedures.fleet.watch import FleetWatch
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.signals.poller import Poller
from tests.scripted import CALM, NOW, FixedClock, reading
from tests.unit.fleet.test_grouping import KEY, WELL, answers

SERVER = Endpoint(url="http://127.0.0.1:1")


def environment(name: str, **more: object) -> Environment:
    return Environment(name=name, tier=Tier.STAGING, method=Method.DOCKER, **more)  # type: ignore[arg-type]


def the_fleet(*environments: Environment) -> Fleet:
    every = {each.name: each for each in environments}
    return fleet_of(FleetSettings(prometheus=SERVER), every)


class ScriptedSource:
    """A server that knows what the test says."""

    name, address, interval_s, timeout_s = "fleet", SERVER.url, 5.0, 5.0

    def __init__(self) -> None:
        self.known: Mapping[str, Target] = {}
        self.fault: SourceError | None = None

    async def read(self) -> Targets:
        if self.fault:
            raise self.fault
        return Targets(known=self.known)

    async def aclose(self) -> None:
        pass


class Stage:
    """A fleet's watch over a scripted server, at a time that the test decides."""

    def __init__(self, *environments: Environment) -> None:
        self.clock = FixedClock()
        self.fleet = the_fleet(*environments)
        self.watch = FleetWatch(self.fleet, self.clock)
        self.source = ScriptedSource()
        self.watch._server = Poller(self.source, clock=self.clock, changed=lambda: None)

    def know(self, *targets: str) -> None:
        points = answers(dict.fromkeys(targets, WELL))
        self.source.known = targets_of(
            points, KEY.values(), self.fleet, now=self.clock.now(), refused={}
        )

    async def look(self) -> dict[str, FleetRow]:
        view = await self.watch.look(patience_s=5)
        return {each.name: each for each in view.rows}


async def test_a_target_that_was_seen_and_is_gone_is_unknown_with_its_age() -> None:
    stage = Stage()
    stage.know("eu", "us")
    assert (await stage.look())["eu"].state is State.OK
    stage.clock.pass_(30)
    stage.know("us")
    rows = await stage.look()
    assert rows["us"].state is State.OK
    gone = rows["eu"]
    assert gone.state is State.UNKNOWN
    assert gone.firing is None
    assert gone.at is not None
    assert stage.clock.now() - gone.at == timedelta(seconds=30)
    assert gone.fault == "no series with environment=eu since 03:12:40 UTC"
    assert {each.state for each in gone.readings.values()} == {State.UNKNOWN}
    assert gone.readings["cpu"].value is not None


async def test_a_target_that_is_gone_for_long_is_forgotten_and_an_environment_is_not() -> None:
    stage = Stage(environment("production", fleet_label="eu"))
    stage.know("eu", "us", "asia")
    await stage.look()
    stage.know("asia")
    stage.clock.pass_(3000)
    assert (await stage.look()).keys() == {"production", "us", "asia"}
    stage.clock.pass_(1000)
    rows = await stage.look()
    assert rows.keys() == {"production", "asia"}
    assert rows["production"].state is State.UNKNOWN


async def test_an_environment_that_the_settings_know_and_the_server_does_not_is_a_row() -> None:
    stage = Stage(environment("production", fleet_label="eu"))
    stage.know("us")
    row = (await stage.look())["production"]
    assert row.state is State.UNKNOWN
    assert row.fault == "the server knows no series with environment=eu"


async def test_a_value_of_the_label_is_the_environment_of_that_name_or_label() -> None:
    eu = environment("production", labels={"environment": "eu"})
    stage = Stage(eu, environment("staging"))
    stage.know("eu", "staging", "us")
    rows = await stage.look()
    assert {name: each.is_environment for name, each in rows.items()} == {
        "production": True,
        "staging": True,
        "us": False,
    }
    assert (rows["production"].label, rows["us"].tier) == ("eu", Tier.PRODUCTION)


async def test_a_server_that_falls_silent_makes_every_target_unknown() -> None:
    stage = Stage()
    stage.know("eu")
    await stage.look()
    stage.source.fault = SourceError("refused", fix="Start it")
    stage.clock.pass_(60)
    view = await stage.watch.look(patience_s=5)
    assert view.fault == "refused. Start it"
    assert view.rows[0].state is State.UNKNOWN
    assert view.rows[0].fault == "no fresh data since 03:12:40 UTC: refused. Start it"
    stage.source.fault = None
    stage.know("eu")
    assert (await stage.look())["eu"].state is State.OK


async def test_an_environment_without_the_label_is_asked_by_its_own_sources() -> None:
    own = environment("alone", health=Endpoint(url="http://127.0.0.1:1/health"))
    stage = Stage(own, environment("staging"))
    stage.know("staging")
    rows = await stage.look()
    await stage.watch.aclose()
    assert rows["staging"].state is State.OK
    assert rows["alone"].state is State.UNKNOWN
    assert "127.0.0.1:1" in rows["alone"].fault


async def test_nothing_is_asked_twice_by_two_ways() -> None:
    stage = Stage(environment("staging", health=Endpoint(url="http://127.0.0.1:1/health")))
    stage.know("staging")
    rows = await stage.look()
    await stage.watch.aclose()
    assert rows["staging"].label == "staging"
    assert not stage.watch._members.snapshots


@pytest.mark.parametrize(
    ("indicator", "after", "trend"),
    [
        ("cpu", CALM["cpu"] + 2, None),
        ("cpu", CALM["cpu"] + 5, Trend.RISING),
        ("availability", 99.5, Trend.FALLING),
        ("availability", 99.95, None),
    ],
)
def test_a_trend_is_a_change_that_counts_against_the_thresholds(
    indicator: str, after: float, trend: Trend | None
) -> None:
    trends = Trends(load_indicators())
    calm = {name: reading(name, value) for name, value in CALM.items()}
    later = {**calm, indicator: reading(indicator, after)}
    assert trends.observe((False, "eu"), calm, NOW) == {}
    moved = trends.observe((False, "eu"), later, NOW + timedelta(seconds=60))
    assert moved.get(indicator) == trend
    assert trends.observe((False, "us"), later, NOW + timedelta(seconds=60)) == {}
    trends.keep([(False, "us")])
    assert trends.observe((False, "eu"), later, NOW + timedelta(seconds=65)) == {}
