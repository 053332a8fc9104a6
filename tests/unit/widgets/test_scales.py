"""Axes, bands and charts as plain values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.reference.thresholds import Threshold, Worse
from widgets.scales import EIGHTHS, MARKER, Axis, axis, band, chart, columns, row_of, trend

LATENCY = Threshold(target=100, critical=200)
HIT_RATE = Threshold(target=80, critical=70, worse=Worse.LOWER)


def text(spans: list[tuple[str, str]]) -> str:
    return "".join(piece for piece, _ in spans)


def test_both_thresholds_are_always_on_the_axis() -> None:
    scale = axis([10, 12], LATENCY)
    assert scale.low <= 10
    assert scale.high > 200


def test_the_axis_grows_with_what_is_beyond_critical() -> None:
    assert axis([10, 900], LATENCY).high == 900


def test_without_any_value_the_bands_are_still_seen() -> None:
    assert axis([], HIT_RATE, unit="%") == Axis(60, 90)
    assert axis([], LATENCY) == Axis(0, 250)


def test_a_percentage_never_shows_more_than_a_hundred() -> None:
    assert axis([95], HIT_RATE, unit="%").high <= 100
    assert axis([20], HIT_RATE, unit="%").low == 20


def test_the_band_shows_three_signs_and_one_marker() -> None:
    drawn = text(band(150, LATENCY, axis([150], LATENCY), 40))
    assert len(drawn) == 40
    assert {"░", "▒", "▓", MARKER} == set(drawn)
    assert drawn.index("░") < drawn.index("▒") < drawn.index("▓")


def test_the_marker_stands_in_the_band_of_its_state() -> None:
    for value, around in ((20, "░"), (150, "▒"), (240, "▓")):
        drawn = text(band(value, LATENCY, Axis(0, 250), 50))
        at = drawn.index(MARKER)
        assert drawn[at - 1] == around or drawn[at + 1] == around


def test_a_lower_is_worse_band_begins_with_critical() -> None:
    assert text(band(None, HIT_RATE, axis([90], HIT_RATE, unit="%"), 30))[0] == "▓"


def test_an_unknown_value_has_no_marker() -> None:
    assert MARKER not in text(band(None, LATENCY, Axis(0, 250), 20))


def test_columns_stay_in_place_until_their_time_is_over() -> None:
    values = [float(n) for n in range(240)]
    first = columns(values, 0, 15, 3600, 3600, 24)
    second = columns([*values[1:], 240.0], 15, 15, 3615, 3600, 24)
    assert first[:-1] == second[:-1]


def test_columns_shift_when_a_new_one_begins() -> None:
    values = [float(n) for n in range(240)]
    before = columns(values, 0, 15, 3599, 3600, 24)
    after = columns(values, 0, 15, 3749, 3600, 24)
    assert after[:-1] == before[1:]


def test_charts_of_different_phase_shift_at_different_times() -> None:
    values = [float(n) for n in range(240)]
    moments = range(3600, 3751)
    shifts = {
        phase: next(
            end
            for end in moments
            if columns(values, 0, 15, end, 3600, 24, phase=phase)[:-1]
            != columns(values, 0, 15, 3600, 3600, 24, phase=phase)[:-1]
        )
        for phase in (0.0, 0.5)
    }
    assert shifts == {0.0: 3750, 0.5: 3675}


def test_missing_values_leave_their_columns_empty() -> None:
    gathered = columns([1.0, math.nan, 3.0], 0, 60, 120, 180, 3)
    assert gathered[0] == 1.0
    assert math.isnan(gathered[1])
    assert gathered[2] == 3.0


def test_the_chart_draws_both_threshold_lines_behind_empty_columns() -> None:
    rows = [text(row) for row in chart([math.nan] * 10, Axis(0, 250), LATENCY, 5)]
    assert rows[row_of(200, Axis(0, 250), 5)] == "─" * 10
    assert rows[row_of(100, Axis(0, 250), 5)] == "┄" * 10


def test_a_column_has_the_colour_of_its_own_state() -> None:
    rows = chart([50.0, 150.0, 240.0], Axis(0, 250), LATENCY, 5)
    assert [style for _, style in rows[-1]] == ["chart-ok", "chart-warning", "chart-critical"]


def test_a_known_value_is_never_drawn_as_nothing() -> None:
    (row,) = chart([0.0], Axis(0, 100), None, 1)
    assert text(row) == EIGHTHS[1]


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=False, width=32), max_size=80),
    st.integers(1, 120),
    st.integers(1, 12),
)
def test_every_chart_fills_its_rectangle(values: list[float], width: int, height: int) -> None:
    scale = axis(values, LATENCY)
    gathered = columns(values, 0, 15, 3600, 3600, width)
    rows = chart(gathered, scale, LATENCY, height)
    assert [len(text(row)) for row in rows] == [width] * height


@pytest.mark.parametrize(
    ("values", "arrow"),
    [([1.0] * 40, "→"), ([1.0] * 36 + [9.0] * 4, "↗"), ([9.0] * 36 + [1.0] * 4, "↘"), ([1.0], " ")],
)
def test_the_trend_compares_the_latest_with_those_before(values: list[float], arrow: str) -> None:
    assert trend(values, tolerance=0.5) == arrow
