"""How events are chained: each carries a hash over itself and the hash before it.

The chain shows that nothing was altered, removed from the middle or put in later; that the newest
events were cut off can only be shown against a hash noted elsewhere.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from procedures.errors import LedgerError
from procedures.ledger.event import Draft, Event, Verification

GENESIS = "0" * 64
"""``previous_hash`` of the first event."""


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
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        kind=draft.kind,
        subject=draft.subject,
        environment=draft.environment,
        operator=draft.operator,
        body=_canonical_body(draft),
        previous_hash=previous_hash,
        hash="",
    )
    return record._replace(hash=_digest(record))


def audit(records: Iterable[Record]) -> Verification:
    """Walk ``records`` from the first; stop at the first that breaks the chain."""
    count, previous_hash = 0, GENESIS
    for record in records:
        problem = _problem(record, expected_seq=count + 1, previous_hash=previous_hash)
        if problem:
            return Verification(events=count, broken_at=record.seq, problem=problem)
        count, previous_hash = count + 1, record.hash
    return Verification(events=count)


def _problem(record: Record, *, expected_seq: int, previous_hash: str) -> str:
    if record.seq != expected_seq:
        return f"event {expected_seq} is missing"
    if record.previous_hash != previous_hash:
        return "it does not follow from the event before it"
    if record.hash != _digest(record):
        return "its content was altered after it was recorded"
    return ""


def _digest(record: Record) -> str:
    # A tampered column may hold any SQLite type; its repr cannot equal the recorded text.
    fields = json.dumps([record.previous_hash, *record[:7]], separators=(",", ":"), default=repr)
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
