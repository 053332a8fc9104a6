"""The hour before the sandbox started: simulated, so that the console has something to show."""

from collections.abc import Sequence

from procedures.sandbox import faults
from procedures.sandbox.history import SPAN_S, STEP_S, History
from procedures.sandbox.service import Service

FAULT_BEGAN_S = 1200.0
"""Seconds before the start at which the faults of the start began."""


def live_through(
    service: Service, history: History, instances: Sequence[str], starting_faults: Sequence[str]
) -> None:
    """Advance through one hour, recording; the faults begin :data:`FAULT_BEGAN_S` before its end.

    Args:
        service: The model, its ``now`` one hour before the start.
        history: Where to record.
        instances: Scrape address of each replica, in order.
        starting_faults: Names of faults that are under way when the console opens.
    """
    service.open_logs()
    steps = round(SPAN_S / STEP_S)
    fault_step = steps - round(FAULT_BEGAN_S / STEP_S)
    for step in range(steps):
        if step == fault_step:
            for name in starting_faults:
                faults.inject(service, name)
        service.advance(STEP_S)
        for instance, replica in zip(instances, service.fleet.replicas, strict=True):
            history.record(service.now, instance, replica)
