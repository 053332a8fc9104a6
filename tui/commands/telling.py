"""A walk told line by line, to its end for now or until a signal."""

import argparse
import asyncio
from collections.abc import Iterable, Iterator
from contextlib import aclosing, contextmanager, suppress

from procedures.clock import SystemClock
from procedures.errors import LedgerError, ProcedureError
from procedures.execution.unattended.orders import Halted
from procedures.execution.unattended.unattended import Unattended
from tui.commands.answers import orders_of
from tui.commands.desk import Desk
from tui.commands.halt_statuses import OF_HALT
from tui.commands.walk_json import JsonLines
from tui.commands.walk_lines import Lines, Sieve
from tui.commands.walk_text import TextLines
from tui.commands.walking import Begun


async def walk_and_tell(arguments: argparse.Namespace, begun: Begun, desk: Desk) -> int:
    """Walk as far as the answers of the command line allow; return the exit status."""
    walk, clock = begun.walk, desk.station.clock
    lines: Lines = JsonLines(clock) if arguments.json else TextLines(clock)
    sieve, status = Sieve(), 0
    _print(lines.begun(walk.run, resumed=begun.resumed))
    try:
        unattended = Unattended(walk, orders_of(arguments), clock)
        async with aclosing(unattended.go()) as all_told:
            async for told in all_told:
                if isinstance(told, Halted):
                    status = OF_HALT[told.halt]
                    _print(lines.halted(told, walk.run, status=status, unshared=walk.unshared))
                elif news := sieve.news(told):
                    _print(lines.told(news))
    except asyncio.CancelledError:
        with suppress(OSError):  # the terminal that sent the signal may be gone
            _print(lines.interrupted(walk.run))
        raise
    except LedgerError:
        _print(lines.interrupted(walk.run))
        raise
    return status


@contextmanager
def errors_told(arguments: argparse.Namespace) -> Iterator[None]:
    """Tell programs on standard output, too, why there is no walk or why it cannot go on."""
    try:
        yield
    except ProcedureError as error:
        if arguments.json:
            print(JsonLines(SystemClock()).failed(error), flush=True)
        raise


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)
