"""How events are chained: each carries a hash over itself and the hash before it.

The chain shows that nothing was altered, removed from the middle or put in later; that the newest
events were cut off can only be shown against a hash noted elsewhere.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring_ascii as _quoted
from typing import NamedTuple

from procedures.errors import LedgerConflictError, LedgerError
from procedures.ledger.event import Draft, Event, Mark, Verification

GENESIS = "0" * 64
"""``previous_hash`` of the first event."""

START = Mark(seq=0, hash=GENESIS)
"""The place before the first event."""

BEFORE_ALL = -(2**63)
"""Lower than any position, even one that was forged."""

_ALTERED = "its content was altered after it was recorded"
_REPLACED = "it is not the event that was verified here before"
_GONE = " was verified before, and is missing"


class Record(NamedTuple):
    """An event as a store keeps it, and as it is hashed: ``at`` and ``body`` are text."""

    seq: int
    at: str
    kind: str
    subject: str
    environment: str
    operator: str
    body: str
    previous_hash: str
    hash: str

    def event(self) -> Event:
        """Return the event; LedgerError if its time or body cannot be read."""
        try:
            at, body = datetime.fromisoformat(self.at), json.loads(self.body)
        except (TypeError, ValueError) as error:
            raise LedgerError(
                f"event {self.seq} cannot be read: {error}",
                fix="Run `quarterdeck ledger verify`, and restore the ledger from a copy",
            ) from error
        return Event(**{**self._asdict(), "at": at, "body": body})


def seal(draft: Draft, *, seq: int, at: datetime, previous_hash: str) -> Record:
    """Return ``draft`` as the event at ``seq``; LedgerError if its body is not made of JSON."""
    record = Record(
        seq=seq,
        at=written(at),
        kind=draft.kind,
        subject=draft.subject,
        environment=draft.environment,
        operator=draft.operator,
        body=_canonical_body(draft),
        previous_hash=previous_hash,
        hash="",
    )
    return record._replace(hash=_digest(record))


def written(at: datetime) -> str:
    """Return a time as records hold it: later ones come behind earlier ones in order of text."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def audit(records: Iterable[Record], *, since: Mark = START) -> Verification:
    """Walk ``records``; stop at the first that breaks the chain.

    Args:
        records: All of a ledger, or those from the position of ``since`` on, that one included.
        since: Where an earlier walk ended; its event must still be what it was.
    """
    walked = iter(records)
    if since.seq:
        first = next(walked, None)
        if first is None or first.seq != since.seq:
            return Verification(events=0, broken_at=since.seq, problem=f"event {since.seq}{_GONE}")
        if first.hash != since.hash:
            return Verification(events=0, broken_at=since.seq, problem=_REPLACED)
        if first.hash != _digest(first):
            return Verification(events=0, broken_at=since.seq, problem=_ALTERED)
    return walk(walked, after=since)


def walk(records: Iterable[Record], *, after: Mark) -> Verification:
    """Walk ``records``, which follow ``after``; stop at the first that breaks the chain."""
    seq, previous_hash = after.seq, after.hash
    for record in records:
        if problem := problem_of(record, expected_seq=seq + 1, previous_hash=previous_hash):
            return Verification(events=seq - after.seq, broken_at=record.seq, problem=problem)
        seq, previous_hash = seq + 1, record.hash
    return Verification(events=seq - after.seq)


def joined(records: Sequence[Record], *, after: Mark) -> Mark:
    """Return the end of ``records``, which a ledger that ends at ``after`` is to adopt.

    Raises:
        LedgerConflictError: The ledger has grown since they were chosen.
        LedgerError: One of them does not continue the chain.
    """
    if records[0].seq <= after.seq:
        raise LedgerConflictError(
            "another console has recorded in the meantime",
            fix="Import once more when no console is open",
        )
    found = walk(records, after=after)
    if found.broken_at is not None:
        raise LedgerError(
            f"event {found.broken_at} cannot be adopted: {found.problem}",
            fix="Nothing was imported; export the events anew",
        )
    return Mark(seq=records[-1].seq, hash=records[-1].hash)


def problem_of(record: Record, *, expected_seq: int, previous_hash: str) -> str:
    """Say why ``record`` cannot be the next of a chain; empty if it can."""
    if record.seq != expected_seq:
        return f"event {expected_seq} is missing"
    if record.previous_hash != previous_hash:
        return "it does not follow from the event before it"
    if record.hash != _digest(record):
        return _ALTERED
    return ""


def _digest(record: Record) -> str:
    try:
        # What JSON's encoder would write, at a third of its time; a whole ledger is walked by it.
        fields = (
            f"[{_quoted(record.previous_hash)},{record.seq:d},{_quoted(record.at)}"
            f",{_quoted(record.kind)},{_quoted(record.subject)},{_quoted(record.environment)}"
            f",{_quoted(record.operator)},{_quoted(record.body)}]"
        )
    except (TypeError, ValueError):
        # A tampered column may hold any type; its repr cannot equal the recorded text.
        fields = json.dumps([record.previous_hash, *record[:7]], default=repr)
    return sha256(fields.encode("ascii")).hexdigest()


def _canonical_body(draft: Draft) -> str:
    try:
        # Twice: keys become text before they are sorted, so that reading back sorts them alike.
        plain = json.loads(json.dumps(dict(draft.body), allow_nan=False))
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(
            f"the body of {draft.kind} is not made of JSON values: {error}",
            fix="Report this as a defect; nothing was recorded",
        ) from error
