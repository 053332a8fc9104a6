"""``quarterdeck service list``, ``logs`` and ``changes``: looked at, never acted on."""

import argparse
import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from procedures.clock import SystemClock
from procedures.errors import ProcedureError
from tui.commands.service_places import targets_of

if TYPE_CHECKING:
    from procedures.targets.changes import Change
    from procedures.targets.seen import Seen
    from procedures.targets.target import Target
    from procedures.targets.values import Holdings

MEASURED_AFTER_S = 1.5
"""When a second look tells how much of the processors was used since the first."""


def run_list(arguments: argparse.Namespace) -> int:
    """Print what runs; return how well it is."""
    from tui.commands.interruptible import run_interruptibly

    return run_interruptibly(lambda: _list(arguments))


def run_changes(arguments: argparse.Namespace) -> int:
    """Print what changed recently, the newest last."""
    from tui.commands.interruptible import run_interruptibly

    return run_interruptibly(lambda: _changes(arguments))


def run_logs(arguments: argparse.Namespace) -> int:
    """Print the log of a workload."""
    from tui.commands.interruptible import run_interruptibly
    from tui.commands.service_logs import logs

    return run_interruptibly(lambda: logs(arguments))


async def _list(arguments: argparse.Namespace) -> int:
    from procedures.reference.states import State
    from procedures.targets.standing import target_state, worst_of
    from tui.commands.places import place_of
    from tui.commands.service_text import seen_plain, seen_text

    async with (
        place_of(arguments) as place,
        targets_of(place, arguments) as targets,
    ):
        seen = [await _seen(target) for target in targets]
    now = SystemClock().now()
    states = [target_state(s.holdings) if s.holdings else State.UNKNOWN for s in seen]
    worst = worst_of(states)
    if arguments.json:
        told = {"state": worst.value, "targets": [seen_plain(each) for each in seen]}
        print(json.dumps(told, indent=2))
    else:
        print("\n".join(seen_text(seen, now)))
    return (State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN).index(worst)


async def _seen(target: "Target") -> "Seen":
    """Return what is known of a target; what is used may be known a moment after the first look."""
    from procedures.targets.seen import Seen

    try:
        holdings = await target.look()
        if _is_unmeasured(holdings):
            await asyncio.sleep(MEASURED_AFTER_S)
            holdings = await target.look()
    except ProcedureError as error:
        fault = f"{error.what}. {error.fix}" if error.fix else error.what
        return Seen(place=target.place, doubt=fault, fault=fault)
    return Seen(place=target.place, holdings=holdings, doubt="")


def _is_unmeasured(holdings: "Holdings") -> bool:
    """Tell whether the use of units that serve is not known, and nobody says why not."""
    units = [unit for workload in holdings.workloads for unit in workload.units if unit.serves]
    unknown = [unit for unit in units if unit.use.cpu_cores is None]
    return bool(unknown) and not any("use" in each.part for each in holdings.missing)


async def _changes(arguments: argparse.Namespace) -> int:
    from procedures.signals.config_versions import config_changes
    from procedures.targets.timeline import timeline
    from tui.commands.places import place_of
    from tui.commands.service_text import change_plain, change_text

    since = SystemClock().now() - timedelta(seconds=arguments.since)
    async with (
        place_of(arguments) as place,
        targets_of(place, arguments) as targets,
    ):
        parts: list[Sequence[Change]] = [await target.changes(since) for target in targets]
        if not arguments.target:
            parts.append(await config_changes(place, since))
    for change in reversed(timeline(*parts)):
        print(json.dumps(change_plain(change)) if arguments.json else change_text(change))
    return 0
