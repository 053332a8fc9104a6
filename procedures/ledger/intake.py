"""Taking over the events of another ledger from lines of JSON: all of them, or none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from procedures.errors import LedgerError
from procedures.ledger.chain import Record, problem_of
from procedures.ledger.event import Ledger, Mark
from procedures.ledger.lines import parsed

_LONGEST_LINE = 64 * 2**20
"""Bytes of a line; no event comes near it."""

_ANEW = "Nothing was imported; export the events anew with `quarterdeck ledger export`"


class RefusedLineError(LedgerError):
    """A line cannot be taken over; ``what`` begins with ``FILE:LINE``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What came of an import, in events.

    Attributes:
        added: Those that are new.
        present: Those that the ledger had already, identical.
    """

    added: int
    present: int


def take_in(ledger: Ledger, file: BinaryIO, *, name: str) -> Intake:
    """Read the lines twice, to check all of them and then to add those that are new; blocks.

    Args:
        ledger: Empty, or one whose chain the lines continue or overlap.
        file: Can be read again from its beginning; in little memory.
        name: What errors call the file.

    Raises:
        RefusedLineError: A line is damaged, or does not belong to this ledger's chain.
        LedgerConflictError: Somebody recorded in the meantime.
        LedgerError: The ledger cannot be read or written.
        OSError: The file cannot be read.
    """
    end = ledger.mark()
    present = added = 0
    for seq in _checked(ledger, end, file, name):
        present, added = (present + 1, added) if seq <= end.seq else (present, added + 1)
    if added:
        file.seek(0)
        ledger.adopt(record for _, record in _numbered(file, name) if record.seq > end.seq)
    return Intake(added=added, present=present)


def _checked(ledger: Ledger, end: Mark, file: BinaryIO, name: str) -> Iterator[int]:
    """Yield the position of each event of the lines once it is known to fit the ledger."""
    last: Mark | None = None
    stored: Iterator[Record] = iter(())
    for number, record in _numbered(file, name):
        if last is None:
            stored = ledger.records(after_seq=record.seq - 1)
            before = Mark(seq=record.seq - 1, hash=record.previous_hash)
            last = before if record.seq <= end.seq else end
        problem = problem_of(record, expected_seq=last.seq + 1, previous_hash=last.hash)
        if problem:
            raise RefusedLineError(f"{name}:{number}: event {record.seq}: {problem}", fix=_ANEW)
        if record.seq <= end.seq and next(stored, None) != record:
            raise RefusedLineError(
                f"{name}:{number}: event {record.seq} is another one in this ledger",
                fix="Nothing was imported; import it into an empty ledger, in another "
                "$QUARTERDECK_STATE",
            )
        last = Mark(seq=record.seq, hash=record.hash)
        yield record.seq


def _numbered(file: BinaryIO, name: str) -> Iterator[tuple[int, Record]]:
    """Yield each event with the number of its line, from 1; empty lines are passed over."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if not line.strip():
            continue
        if len(line) == _LONGEST_LINE:
            what = f"{name}:{number}: it is longer than {_LONGEST_LINE >> 20} MiB"
            raise RefusedLineError(what, fix=_ANEW)
        try:
            record = parsed(line)
        except LedgerError as error:
            raise RefusedLineError(f"{name}:{number}: {error.what}", fix=_ANEW) from error
        yield number, record
