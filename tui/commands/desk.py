"""Who walks, where, and in which record: opened for one command and closed after it."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from procedures.clock import SystemClock
from procedures.environment import Environment
from procedures.execution.policy.identity import operator_here
from procedures.execution.record.station import Station
from tui.commands.chosen import chosen_ledger, chosen_policy, chosen_state
from tui.commands.record import record_of
from tui.station import Bearings, bearings_in, station_in
from tui.watched import LazyWatch, WatchedChecks


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An operator with everything that a walk needs."""

    environment: Environment
    station: Station


@asynccontextmanager
async def desk_in(environment: Environment, arguments: argparse.Namespace) -> AsyncIterator[Desk]:
    """Open the record and sit down; whatever was opened is closed in the end."""
    async with bearings_of(environment, arguments) as bearings:
        record = await asyncio.to_thread(record_of, arguments)
        try:
            station = station_in(
                bearings, ledger=record.ledger, outbox=record.outbox, state_dir=chosen_state()
            )
            yield Desk(environment=environment, station=station)
        finally:
            await asyncio.to_thread(record.close)


@asynccontextmanager
async def bearings_of(
    environment: Environment, arguments: argparse.Namespace
) -> AsyncIterator[Bearings]:
    """Find out who walks and what is allowed; checks begin to watch when one of them needs it."""
    clock = SystemClock()
    watch = LazyWatch(environment, clock)
    bearings = await asyncio.to_thread(
        lambda: bearings_in(
            environment,
            operator=operator_here(),
            clock=clock,
            snapshot=lambda: watch.latest,
            policy=chosen_policy(arguments),
            address=chosen_ledger(arguments),
        )
    )
    try:
        yield replace(bearings, checks=WatchedChecks(bearings.checks, watch))
    finally:
        await bearings.checks.aclose()
        await watch.aclose()
