"""How well something is: what serves, what is meant to be down, and what only comes up."""

from dataclasses import replace

import pytest

from procedures.reference.states import State
from procedures.targets.standing import target_state, unit_state, workload_state
from procedures.targets.values import Holdings, Kind, Phase
from tests.scripted_target import NOW, deployment, unit


@pytest.mark.parametrize(
    ("phase", "ready", "state"),
    [
        (Phase.RUNNING, True, State.OK),
        (Phase.RUNNING, None, State.OK),
        (Phase.RUNNING, False, State.WARNING),
        (Phase.STARTING, None, State.WARNING),
        (Phase.STOPPING, True, State.WARNING),
        (Phase.STOPPED, None, State.WARNING),
        (Phase.FAILED, None, State.CRITICAL),
        (Phase.WAITING, None, State.OK),
        (Phase.UNKNOWN, True, State.UNKNOWN),
    ],
)
def test_a_unit_is_as_well_as_its_phase(phase: Phase, ready: bool | None, state: State) -> None:
    one = unit("a", phase=phase, ready=ready)
    assert unit_state(one, deployment(one)) is state


def test_what_nobody_wants_may_be_down() -> None:
    down = unit("a", phase=Phase.STOPPED, ready=None)
    assert unit_state(down, deployment(down, wanted=0, ready=0)) is State.OK
    assert workload_state(deployment(wanted=0)) is State.OK


def test_nothing_that_serves_is_critical_and_a_part_of_it_a_warning() -> None:
    up, down = unit("a"), unit("b", phase=Phase.FAILED, ready=False)
    assert workload_state(deployment(up, unit("b"))) is State.OK
    assert workload_state(deployment(up, down)) is State.WARNING
    assert workload_state(deployment(down)) is State.CRITICAL
    assert workload_state(deployment(wanted=3)) is State.CRITICAL


def test_a_roll_is_a_warning_until_it_is_over() -> None:
    rolls = deployment(unit("a"), changing="1 of 3 updated")
    assert workload_state(rolls) is State.WARNING
    assert workload_state(replace(rolls, changing="")) is State.OK


def test_a_timer_between_two_runs_is_well() -> None:
    waits = unit("a", phase=Phase.WAITING, ready=None)
    assert workload_state(deployment(waits, wanted=None, ready=0)) is State.OK
    failed = replace(waits, reason="the last run failed")
    assert workload_state(deployment(failed, wanted=None, ready=0)) is State.WARNING


def test_a_timer_that_is_stopped_is_a_question_and_one_that_failed_is_not() -> None:
    stopped = unit("a", phase=Phase.STOPPED, ready=None)
    timer = deployment(stopped, kind=Kind.TIMER, wanted=None, ready=0)
    assert workload_state(timer) is State.WARNING
    failed = replace(timer, units=(replace(stopped, phase=Phase.FAILED),))
    assert workload_state(failed) is State.CRITICAL


def test_a_target_is_as_well_as_its_worst_workload_and_unknown_without_any() -> None:
    good, bad = deployment(unit("a")), deployment(wanted=1, name="redis")
    assert target_state(Holdings(at=NOW, workloads=(good, bad))) is State.CRITICAL
    assert target_state(Holdings(at=NOW)) is State.UNKNOWN
