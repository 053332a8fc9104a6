"""Who makes up a fleet, and what may be done with a part of it."""

import pytest

from procedures.environment import Endpoint, Environment, Limits, Method, Tier
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.targets.addresses import addresses_of

SERVER = Endpoint(url="http://prometheus.example.org")


def environment(name: str) -> Environment:
    return Environment(name=name, tier=Tier.PRODUCTION, method=Method.KUBERNETES)


def test_a_target_is_asked_for_its_own_series_and_never_acted_on() -> None:
    settings = FleetSettings(
        by="cluster", prometheus=SERVER, job="llm", window_s=60, interval_s=10,
        tier=Tier.STAGING, limits=Limits(cpu_cores=4),
    )  # fmt: skip
    target = Fleet(settings=settings).target("eu")
    assert dict(target.labels) == {"cluster": "eu"}
    assert (target.prometheus, target.job, target.window_s) == (SERVER, "llm", 60)
    assert (target.tier, target.limits.cpu_cores) == (Tier.STAGING, 4)
    assert target.read_only
    assert addresses_of(target) == ()  # this machine's docker runs somebody else


def test_without_a_server_there_is_no_target() -> None:
    with pytest.raises(ValueError, match="environments only"):
        Fleet().target("eu")


def test_those_that_the_settings_name_take_part_in_that_order() -> None:
    every = {name: environment(name) for name in ("a", "b", "c")}
    assert list(fleet_of(FleetSettings(), every).environments) == ["a", "b", "c"]
    named = fleet_of(FleetSettings(environments=("c", "a")), every)
    assert list(named.environments) == ["c", "a"]


def test_who_came_to_look_only_looks_wherever_it_leads() -> None:
    every = {name: environment(name) for name in ("a", "b")}
    looked_at = fleet_of(FleetSettings(), every).read_only()
    assert all(each.read_only for each in looked_at.environments.values())
