"""One process of the sandbox."""

import math

from hypothesis import given
from hypothesis import strategies as st

from procedures.sandbox.lifecycle import Lifecycle, Phase


def process() -> Lifecycle:
    return Lifecycle(now=0, stop_s=1, start_s=3)


def test_a_start_during_a_stop_is_not_forgotten() -> None:
    each = process()
    each.stop(0)
    each.start(0.5)
    each.advance(10)
    assert each.ready
    assert each.generation == 2


def test_a_stop_during_a_restart_wins() -> None:
    each = process()
    each.restart(0)
    each.stop(0.5)
    each.advance(10)
    assert each.phase is Phase.STOPPED


def test_one_long_wait_tells_of_every_phase_with_its_own_time() -> None:
    each = process()
    each.restart(0)
    each.advance(100)
    assert each.take_entered() == [
        (0, Phase.STOPPING, 1),
        (1, Phase.STOPPED, 1),
        (1, Phase.STARTING, 2),
        (4, Phase.READY, 2),
    ]
    assert each.take_entered() == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["start", "stop", "restart", "crash", "hang", "advance"]),
            st.floats(0, 5),
        )
    )
)
def test_whatever_is_ordered_a_final_start_makes_a_process_that_runs(
    orders: list[tuple[str, float]],
) -> None:
    each, now = process(), 0.0
    for order, pause in orders:
        now += pause
        each.advance(now)
        getattr(each, order)(now)
    each.start(now)
    each.advance(now + 100)
    assert each.running
    assert each.due == math.inf
