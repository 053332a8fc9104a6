"""The record that a command reads or writes: this machine's, or the one that the team shares."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procedures.clock import Clock, SystemClock
from procedures.ledger.choose import open_ledger, outbox_for
from procedures.ledger.event import Ledger
from tui.commands.chosen import chosen_ledger, chosen_state
from tui.settings.paths import ledger_path

if TYPE_CHECKING:
    from procedures.ledger.outbox import Outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecord:
    """An open ledger, with what keeps facts for it while it does not answer."""

    ledger: Ledger
    outbox: "Outbox | None"
    clock: Clock

    def close(self) -> None:
        """Release the ledger."""
        self.ledger.close()


def record_of(arguments: argparse.Namespace, *, read_only: bool = False) -> OpenRecord:
    """Open the ledger that the settings ask for; blocks. LedgerError if that is not possible."""
    # Everybody's sandbox is called the same: a team's record would take them for one.
    in_sandbox = getattr(arguments, "sandbox", False)
    path, address = ledger_path(chosen_state()), None if in_sandbox else chosen_ledger(arguments)
    clock = SystemClock()
    ledger = open_ledger(path, address, clock=clock, read_only=read_only)
    outbox = None if read_only else outbox_for(path, address)
    return OpenRecord(ledger=ledger, outbox=outbox, clock=clock)


@contextmanager
def reading(arguments: argparse.Namespace) -> Iterator[Ledger]:
    """Open the ledger to read it only."""
    record = record_of(arguments, read_only=True)
    try:
        yield record.ledger
    finally:
        record.close()
