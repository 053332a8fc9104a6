"""How far the chain was verified, noted beside the ledger: later starts walk only what came since.

The note also shows what the chain alone cannot: that its newest events were cut off.
"""

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from procedures.ledger.chain import BEFORE_ALL, Record, audit
from procedures.ledger.event import Ledger, Mark, Verification

_HASH = re.compile("[0-9a-f]{64}")
_LONGEST = 1024
"""Bytes that are read of a note."""


def verify_since_last(ledger: Ledger, watermark: Path) -> Verification:
    """Walk what was recorded since the last time, or everything if no time is known; blocks.

    When the chain holds, its end is noted for the next time. When it does not, the note stays, so
    that the next start says the same.

    Args:
        ledger: Read in batches; others may record meanwhile.
        watermark: The note; missing, torn or nonsense means that no time is known.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    known, end = noted(watermark), ledger.mark()
    found = _cut_off(ledger, known, end) or ledger.verify(since=known)
    return _note(found, end, watermark)


def verify_whole(
    ledger: Ledger,
    watermark: Path,
    *,
    accept: bool = False,
    passed: Callable[[int], None] = lambda seq: None,
) -> Verification:
    """Walk everything, compare it with what was noted, and note its end; blocks.

    Args:
        ledger: Read in batches; others may record meanwhile.
        watermark: The note.
        accept: Take the ledger as it is, after a restore from a copy: the note does not count.
        passed: Called with the position of each event that is walked.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    known, end = None if accept else noted(watermark), ledger.mark()
    found = audit(_told(ledger.records(after_seq=BEFORE_ALL), passed))
    if found.broken_at is None:
        found = _cut_off(ledger, known, end) or _replaced(ledger, known) or found
    return _note(found, end, watermark)


def noted(watermark: Path) -> Mark | None:
    """Return the end of what was verified last; None if that is not known."""
    try:
        with watermark.open("rb") as file:
            fields = json.loads(file.read(_LONGEST))
        mark = Mark(seq=fields["seq"], hash=fields["hash"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    plausible = type(mark.seq) is int and 0 < mark.seq < 2**63 and isinstance(mark.hash, str)
    return mark if plausible and _HASH.fullmatch(mark.hash) else None


def _cut_off(ledger: Ledger, known: Mark | None, end: Mark) -> Verification | None:
    if known is None or known.seq <= end.seq:
        return None
    problem = (
        f"the newest events are missing: {known.seq} was verified, the ledger ends at {end.seq}"
    )
    notice = ledger.verify(since=end).notice
    return Verification(events=end.seq, broken_at=end.seq + 1, problem=problem, notice=notice)


def _replaced(ledger: Ledger, known: Mark | None) -> Verification | None:
    """Say whether the event that was noted is another one now, though the chain holds."""
    if known is None:
        return None
    record = next(ledger.records(after_seq=known.seq - 1), None)
    found = audit([] if record is None else [record], since=known)
    return None if found.broken_at is None else replace(found, events=known.seq - 1)


def _told(records: Iterator[Record], passed: Callable[[int], None]) -> Iterator[Record]:
    for record in records:
        passed(record.seq)
        yield record


def _note(found: Verification, end: Mark, watermark: Path) -> Verification:
    if found.broken_at is None and end.seq:
        # Without a note the next walk is longer, nothing else.
        with contextlib.suppress(OSError):
            _write(watermark, json.dumps({"seq": end.seq, "hash": end.hash}))
    return found


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
