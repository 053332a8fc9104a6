"""Puts the checks of an environment together."""

from collections.abc import Callable

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.execution.checks import CheckRunner
from procedures.execution.world import LiveWorld
from procedures.signals.values import Snapshot
from procedures.targets.command_target import target_for


def checks_for(
    environment: Environment, *, snapshot: Callable[[], Snapshot], clock: Clock
) -> CheckRunner:
    """Return what judges assertions about ``environment``, the real one.

    Args:
        environment: Where the service is.
        snapshot: Returns what the watch knows at this moment.
        clock: What tells the time.
    """
    world = LiveWorld(environment, snapshot=snapshot, target=target_for(environment), clock=clock)
    return CheckRunner(world, clock=clock)
