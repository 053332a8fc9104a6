"""In which order rows stand: total, stable, the worst first."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Tier
from procedures.fleet.order import by_indicator, by_name, worst_first
from procedures.fleet.values import FleetRow
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State, worst
from procedures.signals.values import Reading
from tests.fleet_console import row, view
from tests.scripted import CALM

INDICATORS = load_indicators()

states = st.sampled_from(State)
values = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
readings = st.fixed_dictionaries(
    {name: st.builds(Reading, indicator=st.just(name), state=states, value=values) for name in CALM}
)
rows = st.builds(
    FleetRow,
    name=st.text(max_size=3),
    is_environment=st.booleans(),
    tier=st.sampled_from(Tier),
    readings=readings,
    state=states,
    firing=st.none() | st.integers(0, 3),
)
fleets = st.lists(rows, max_size=12, unique_by=lambda each: each.key)


@given(fleets, st.randoms())
def test_an_order_does_not_depend_on_how_the_rows_came(
    fleet: list[FleetRow], chance: random.Random
) -> None:
    mixed = fleet.copy()
    chance.shuffle(mixed)
    assert worst_first(fleet) == worst_first(mixed)
    assert by_name(fleet) == by_name(mixed)
    for indicator in INDICATORS.values():
        once = by_indicator(fleet, indicator)
        assert [each.key for each in by_indicator(mixed, indicator)] == [e.key for e in once]
        assert by_indicator(once, indicator) == once


@given(fleets)
def test_no_row_stands_above_one_of_more_concern(fleet: list[FleetRow]) -> None:
    concerns = [each.state.concern for each in worst_first(fleet)]
    assert concerns == sorted(concerns, reverse=True)
    assert view(*fleet).state is worst(each.state for each in fleet)


@given(fleets, st.data())
def test_a_value_that_wavers_within_its_state_moves_no_row(
    fleet: list[FleetRow], data: st.DataObject
) -> None:
    wavered = [
        replace(
            each,
            readings={n: replace(r, value=data.draw(values)) for n, r in each.readings.items()},
        )
        for each in fleet
    ]
    assert [e.key for e in worst_first(wavered)] == [e.key for e in worst_first(fleet)]


@pytest.mark.parametrize(
    ("indicator", "order"),
    [("cpu", ["high", "low", "unknown"]), ("availability", ["low", "high", "unknown"])],
)
def test_the_direction_of_an_indicator_says_which_value_is_worse(
    indicator: str, order: list[str]
) -> None:
    fleet = [
        row("low", values={**CALM, indicator: 1.0}),
        row("high", values={**CALM, indicator: 100.0}),
        row("unknown", values={**CALM, indicator: 100.0}, fault="gone"),
    ]
    assert [each.name for each in by_indicator(fleet, INDICATORS[indicator])] == order


def test_an_empty_fleet_is_unknown() -> None:
    assert view().state is State.UNKNOWN


def test_a_fleet_whose_server_is_silent_is_not_well_even_if_every_row_is() -> None:
    assert view(row("x")).state is State.OK
    assert view(row("x"), fault="refused").state is State.UNKNOWN
    bad = row("x", values={**CALM, "cpu": 99.0})
    assert view(bad, fault="refused").state is State.CRITICAL
