"""Which ledger the settings ask for, and the files of this machine that belong to it."""

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.clock import Clock
from procedures.ledger.address import LedgerAddress
from procedures.ledger.event import Ledger

if TYPE_CHECKING:
    from procedures.ledger.outbox import Outbox

_OUTBOX = "outbox"
_VERIFIED = ".verified"


def open_ledger(
    path: Path, address: LedgerAddress | None, *, clock: Clock, read_only: bool = False
) -> Ledger:
    """Return the ledger at ``address``, or without one that in the file at ``path``.

    Args:
        path: This machine's own ledger; not touched when there is an address.
        address: Of the shared ledger.
        clock: Gives each event its time.
        read_only: Open an existing ledger and change nothing, not even to create it.

    Raises:
        LedgerError: It cannot be opened; LedgerUnreachableError if it may answer later.
    """
    # Each is imported only where it is used: neither may delay the first paint.
    if address is None:
        from procedures.ledger.sqlite_ledger import SqliteLedger

        return SqliteLedger(path, clock=clock, read_only=read_only)
    from procedures.ledger.postgres.postgres_ledger import PostgresLedger

    return PostgresLedger(address.url, clock=clock, password=address.password, read_only=read_only)


def outbox_for(path: Path, address: LedgerAddress | None) -> "Outbox | None":
    """Return what keeps facts beside ``path`` for the ledger at ``address``; None without one.

    Raises:
        LedgerError: What was kept there before cannot be read.
    """
    if address is None:
        return None
    from procedures.ledger.outbox import Outbox

    outbox = Outbox(path.with_name(f"{_OUTBOX}-{_name(address)}.db"))
    outbox.pending()
    return outbox


def watermark_for(path: Path, address: LedgerAddress | None) -> Path:
    """Return the file beside ``path`` that notes how far the ledger was verified."""
    if address is None:
        return path.with_suffix(_VERIFIED)
    return path.with_name(f"{path.stem}-{_name(address)}{_VERIFIED}")


def _name(address: LedgerAddress) -> str:
    """Return a short name of the place: facts for one database must not go into another."""
    return sha256(address.place.encode()).hexdigest()[:12]
