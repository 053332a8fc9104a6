"""Puts the checks of an environment together."""

from collections.abc import Callable, Sequence

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.execution.checks.checks import CheckRunner
from procedures.execution.checks.world import LiveWorld
from procedures.signals.values import Snapshot
from procedures.targets.answers import Answers
from procedures.targets.build import targets_for
from procedures.targets.target import Target


def checks_for(
    environment: Environment,
    *,
    snapshot: Callable[[], Snapshot],
    clock: Clock,
    targets: Callable[[], Sequence[Target]] | None = None,
) -> CheckRunner:
    """Return what judges assertions about ``environment``, the real one.

    Args:
        environment: Where the service is.
        snapshot: Returns what the watch knows at this moment.
        clock: What tells the time.
        targets: Returns the environment's targets, whoever closes them; without it the checks have
            their own.
    """
    answers = Answers(
        environment,
        targets=targets or (lambda: targets_for(environment, clock)),
        clock=clock,
        owns=targets is None,
    )
    return CheckRunner(
        LiveWorld(environment, snapshot=snapshot, answers=answers, clock=clock), clock=clock
    )
