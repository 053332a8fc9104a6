"""``quarterdeck service list``, ``logs`` and ``changes``: looked at, never acted on."""

import argparse
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
    """Look twice: what a unit uses of its processors is known from the second look on."""
    from procedures.targets.seen import Seen

    try:
        holdings = await target.look()
    except ProcedureError as error:
        fault = f"{error.what}. {error.fix}" if error.fix else error.what
        return Seen(place=target.place, doubt=fault, fault=fault)
    return Seen(place=target.place, holdings=holdings, doubt="")


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
