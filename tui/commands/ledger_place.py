"""Which ledger a command of ``quarterdeck ledger`` is about."""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.chosen import chosen_ledger, chosen_state
from tui.settings.paths import ledger_path

if TYPE_CHECKING:
    from procedures.ledger.address import LedgerAddress
    from procedures.ledger.outbox import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPlace:
    """Where a ledger is.

    Attributes:
        path: This machine's own ledger; beside it lies what belongs to a shared one.
        address: Of the shared ledger; None when it is about this machine's own.
    """

    path: Path
    address: "LedgerAddress | None"

    @property
    def name(self) -> str:
        """Return what the ledger is called in words to the operator."""
        return str(self.path) if self.address is None else self.address.place

    @property
    def watermark(self) -> Path:
        """Return the file that notes how far it was verified."""
        from procedures.ledger.choose import watermark_for

        return watermark_for(self.path, self.address)

    def make_room(self) -> None:
        """Create the directory of the notes, which a shared ledger does not bring along."""
        if self.address is not None:
            with suppress(OSError):  # without a note the next walk is longer, nothing else
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def size_bytes(self) -> int | None:
        """Return the size of the file; None for a database."""
        return self.path.stat().st_size if self.address is None else None

    def waiting(self) -> "Sequence[Kept]":
        """Return the facts that wait on this machine until the shared ledger takes them."""
        from procedures.ledger.choose import outbox_for

        outbox = outbox_for(self.path, self.address)
        return outbox.pending() if outbox else ()


def chosen_place(arguments: argparse.Namespace) -> LedgerPlace:
    """Return the ledger that command line and settings ask for; SettingsError if they cannot."""
    address = None if arguments.local else chosen_ledger(arguments)
    return LedgerPlace(path=ledger_path(chosen_state()), address=address)
