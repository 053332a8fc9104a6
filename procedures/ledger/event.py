"""One line of the record, and what any store of such lines must do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One recorded fact.

    Attributes:
        seq: Position in the ledger, from 1, without gaps.
        at: When it was recorded, UTC.
        kind: What happened, ``thing.past-tense``: ``run.started``, ``step.finished``.
        subject: What it happened to: a run's id, an alert's name; groups the events of one story.
        environment: Name of the environment.
        operator: Who did it, as the operating system names them.
        body: JSON values only.
        previous_hash: Hash of the event before; 64 zeros for the first.
        hash: SHA-256 over ``previous_hash`` and all fields above, hexadecimal.
    """

    seq: int
    at: datetime
    kind: str
    subject: str
    environment: str
    operator: str
    body: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact about to be recorded; the ledger adds position, time and hash."""

    kind: str
    subject: str
    environment: str
    operator: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Result of walking the whole chain; ``broken_at`` is None when it holds."""

    events: int
    broken_at: int | None = None
    problem: str = ""


class Ledger(Protocol):
    """A durable, ordered, append-only record; every method may raise LedgerError and blocks."""

    def append(self, draft: Draft, *, after: int | None = None) -> Event:
        """Record one fact; when this returns it survives a crash of the machine.

        Args:
            draft: The fact.
            after: Position of the last event of this subject that the caller has read (0: none);
                LedgerConflictError, and nothing is recorded, if there is a newer one.
        """

    def events(
        self, *, subject: str = "", kind_prefix: str = "", after_seq: int = 0, limit: int = 0
    ) -> Sequence[Event]:
        """Return the matching events in order; an empty argument matches all; limit 0 is none."""

    def verify(self) -> Verification:
        """Walk the chain from the first event to the last."""

    def close(self) -> None:
        """Release the store."""
