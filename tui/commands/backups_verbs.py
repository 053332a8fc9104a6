"""What the verbs of ``quarterdeck backups`` do."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress

from procedures.backups.depot import Depot, Stock
from procedures.backups.judgement import newest_of_each
from procedures.backups.streams import Effort
from procedures.backups.values import Backup, Outcome, Verification
from procedures.clock import Clock, SystemClock
from procedures.environment import Environment
from procedures.errors import SettingsError, SourceError
from procedures.execution.cleaning import clean_line
from procedures.reference.states import State, worst
from procedures.runbook.problems import nearest
from tui.commands.backups_text import (
    list_plain,
    list_text,
    progress_text,
    verified_plain,
    verified_text,
)
from tui.commands.places import place_of
from tui.commands.snapshot_json import json_text

PROGRESS_EVERY_S = 0.2
UNPROVEN_STATUS = 1
NOTHING_READ_STATUS = 2


async def list_backups(arguments: argparse.Namespace) -> int:
    """Print all backups; return the exit status of a monitoring plugin."""
    clock = SystemClock()
    async with place_of(arguments) as environment:
        depot = _depot(environment, clock)
        stock = await depot.stock()
    judged = depot.judged(stock)
    state = worst((judged.state, State.UNKNOWN)) if stock.faults else judged.state
    if arguments.json:
        print(json_text(list_plain(environment, stock, judged, state, clock.now())))
    else:
        print(list_text(stock, judged, state, clock.now()))
    return state.exit_code


async def verify_backups(arguments: argparse.Namespace) -> int:
    """Verify one backup after the other; return whether all are whole."""
    async with place_of(arguments) as environment:
        return await _verify(arguments, _depot(environment, SystemClock()))


async def _verify(arguments: argparse.Namespace, depot: Depot) -> int:
    stock = await depot.stock()
    for fault in stock.faults:
        sys.stderr.write(f"quarterdeck: {clean_line(fault)}\n")
    results: list[tuple[Backup, Verification | SourceError]] = []
    for backup in _chosen(arguments.names, stock):
        result = await _verified(depot, backup)
        results.append((backup, result))
        if not arguments.json:
            print(verified_text(backup, result), flush=True)
    if arguments.json:
        print(json_text({"verified": [verified_plain(*each) for each in results]}))
    read = [each for _, each in results if isinstance(each, Verification)]
    if not read:
        return NOTHING_READ_STATUS
    whole = len(read) == len(results) and all(e.outcome is Outcome.PASSED for e in read)
    return 0 if whole and not stock.faults else UNPROVEN_STATUS


def _depot(environment: Environment, clock: Clock) -> Depot:
    if not environment.has_backups:
        raise SettingsError(
            f"environment {environment.name} names no place of backups",
            fix="Set `backup_dir`, or s3 in its table `backups`",
        )
    return Depot(environment, clock)


def _chosen(names: Sequence[str], stock: Stock) -> Sequence[Backup]:
    if not names:
        chosen = newest_of_each(stock.backups)
        if not chosen:
            raise SourceError("there is no backup", fix="Make one, or correct backup_dir")
        return chosen
    found: list[Backup] = []
    for name in names:
        fitting = [each for each in stock.backups if name in (each.path, each.name)]
        if not fitting:
            known = [each.path for each in stock.backups]
            raise SourceError(f"there is no backup {clean_line(name)}", fix=nearest(name, known))
        found += [each for each in fitting if each not in found]
    return found


async def _verified(depot: Depot, backup: Backup) -> Verification | SourceError:
    effort = Effort()
    teller = asyncio.create_task(_tell(backup, effort)) if sys.stderr.isatty() else None
    try:
        return await depot.verify(backup, effort)
    except SourceError as error:
        return error
    finally:
        if teller is not None:
            teller.cancel()
            with suppress(asyncio.CancelledError):
                await teller
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


async def _tell(backup: Backup, effort: Effort) -> None:
    while True:
        sys.stderr.write(f"\r\x1b[K{progress_text(backup, effort)}")
        sys.stderr.flush()
        await asyncio.sleep(PROGRESS_EVERY_S)
