import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.signals.past import STEP_S, WEEK_S, Past, aligned

T = aligned(1_700_000_000.0)


def test_what_was_missed_is_unknown_and_keeps_its_place() -> None:
    past = Past("cpu")
    past.add(T, 1.0)
    past.add(T + 3 * STEP_S, 2.0)
    history = past.history(3600)
    assert history.start.timestamp() == T
    assert [math.isnan(value) for value in history.values] == [False, True, True, False]


def test_an_instant_that_was_taken_is_not_taken_again() -> None:
    past = Past("cpu")
    past.add(T, 1.0)
    past.add(T, 2.0)
    history = past.history(3600)
    assert history.values == (1.0,)


def test_nothing_is_remembered_beyond_a_week() -> None:
    past = Past("cpu")
    past.add(T, 1.0)
    past.add(T + 10 * WEEK_S, 2.0)
    history = past.history(100 * WEEK_S, most=10**9)
    assert len(history.values) == WEEK_S // STEP_S


def test_without_any_value_the_history_is_empty() -> None:
    assert Past("cpu").history(3600).values == ()


@given(st.integers(1, 3000), st.integers(60, WEEK_S), st.integers(2, 500))
def test_a_history_ends_now_and_has_no_more_points_than_asked(
    count: int, seconds: int, most: int
) -> None:
    past = Past("cpu")
    for index in range(count):
        past.add(T + index * STEP_S, float(index))
    history = past.history(seconds, most=most)
    assert history.values[-1] == count - 1
    assert len(history.values) <= most + 1
    last = history.start.timestamp() + history.step_s * (len(history.values) - 1)
    assert last == pytest.approx(T + (count - 1) * STEP_S)
    assert all(
        later - earlier == history.step_s / STEP_S
        for earlier, later in zip(history.values, history.values[1:], strict=False)
    )
