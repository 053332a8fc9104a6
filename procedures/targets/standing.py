"""How well a unit, a workload or a whole target is; pure."""

from procedures.reference.states import State
from procedures.targets.values import Holdings, Kind, Phase, Unit, Workload

_WORST_FIRST = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)


def unit_state(unit: Unit, workload: Workload) -> State:
    """Return the state of a unit: what is down on purpose is well, what only comes up is not yet.

    A unit that ended in good order is a warning, unless there should be none of it.
    """
    match unit.phase:
        case Phase.RUNNING:
            return State.WARNING if unit.ready is False else State.OK
        case Phase.STARTING | Phase.STOPPING:
            return State.WARNING
        case Phase.FAILED:
            return State.CRITICAL
        case Phase.STOPPED:
            return State.OK if workload.wanted == 0 else State.WARNING
        case Phase.WAITING:
            return State.WARNING if unit.reason else State.OK
        case Phase.UNKNOWN:
            return State.UNKNOWN


def workload_state(workload: Workload) -> State:
    """Return the state of a workload: critical when nothing of what is wanted serves."""
    if workload.wanted == 0 and not workload.units:
        return State.OK
    states = [unit_state(unit, workload) for unit in workload.units]
    if workload.kind is Kind.TIMER:  # it serves nobody: one that is stopped is a question
        return worst_of(states, empty=State.UNKNOWN)
    waits = bool(workload.units) and all(unit.phase is Phase.WAITING for unit in workload.units)
    if not workload.ready and not waits and workload.wanted != 0:
        return State.UNKNOWN if State.UNKNOWN in states else State.CRITICAL
    if workload.wanted is not None and workload.ready < workload.wanted:
        return State.WARNING
    if workload.changing:
        return State.WARNING
    worst = worst_of(states)
    # While others serve, a unit that failed costs capacity, not the service.
    return State.WARNING if worst is State.CRITICAL else worst


def target_state(holdings: Holdings) -> State:
    """Return the worst state of a target's workloads; UNKNOWN if there are none."""
    return worst_of([workload_state(each) for each in holdings.workloads], empty=State.UNKNOWN)


def worst_of(states: list[State], *, empty: State = State.OK) -> State:
    """Return the worst of some states."""
    return next((each for each in _WORST_FIRST if each in states), empty)
