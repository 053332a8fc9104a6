"""The targets that a command line is about, opened for one command and closed after it."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procedures.clock import SystemClock
from procedures.errors import SourceError
from tui.commands.arguments import UsageError

if TYPE_CHECKING:
    from procedures.clock import Clock
    from procedures.environment import Environment
    from procedures.targets.target import Target
    from procedures.targets.values import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A workload with the target that it is on."""

    target: "Target"
    workload: "Workload"


@asynccontextmanager
async def targets_of(
    environment: "Environment", arguments: argparse.Namespace
) -> "AsyncIterator[tuple[Target, ...]]":
    """Yield the targets of the environment, or the one that the operator chose."""
    from procedures.targets.build import targets_for

    clock: Clock = SystemClock()
    targets = await asyncio.to_thread(lambda: targets_for(environment, clock))
    try:
        yield _chosen(targets, arguments)
    finally:
        for target in targets:
            await target.aclose()


async def find(targets: "tuple[Target, ...]", name: str) -> Standing:
    """Return the workload of that name, or the service itself if none is named.

    Raises:
        SourceError: No target has it, or one that may have it does not answer.
    """
    from procedures.runbook.problems import nearest

    known: list[str] = []
    for target in targets:
        holdings = await target.look()
        workload = holdings.workload(name or target.place.service)
        if workload is not None:
            return Standing(target=target, workload=workload)
        known += [each.name for each in holdings.workloads]
    wanted = name or targets[0].place.service
    places = ", ".join(f"{target.place.name} ({target.place.where})" for target in targets)
    raise SourceError(f"there is no workload '{wanted}' on {places}", fix=nearest(wanted, known))


def _chosen(targets: "tuple[Target, ...]", arguments: argparse.Namespace) -> "tuple[Target, ...]":
    if not arguments.target:
        return targets
    chosen = tuple(each for each in targets if each.place.name == arguments.target)
    if not chosen:
        names = ", ".join(each.place.name for each in targets)
        raise UsageError(
            f"there is no target '{arguments.target}'",
            fix=f"Use one of: {names}",
            status=arguments.failure_status,
        )
    return chosen
