"""Puts the checks of an environment together."""

from collections.abc import Callable

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.execution.checks import CheckRunner
from procedures.execution.world import LiveWorld
from procedures.signals.values import Snapshot
from procedures.targets.answers import Answers
from procedures.targets.build import targets_for


def checks_for(
    environment: Environment, *, snapshot: Callable[[], Snapshot], clock: Clock
) -> CheckRunner:
    """Return what judges assertions about ``environment``, the real one.

    Args:
        environment: Where the service is.
        snapshot: Returns what the watch knows at this moment.
        clock: What tells the time.
    """
    answers = Answers(environment, targets=lambda: targets_for(environment, clock), clock=clock)
    world = LiveWorld(environment, snapshot=snapshot, answers=answers, clock=clock)
    return CheckRunner(world, clock=clock)
