"""One line of the record, and what any store of such lines must do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from procedures.ledger.chain import Record


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


KEPT_AT = "kept_at"
"""Key in an event's body: when it happened, if it was kept elsewhere until it was recorded."""


def happened_at(event: Event) -> datetime:
    """Return when what ``event`` tells of happened, which may be before it was recorded."""
    kept_at = event.body.get(KEPT_AT)
    if kept_at is None:
        return event.at
    with suppress(TypeError, ValueError):
        at = datetime.fromisoformat(kept_at)
        return at if at.tzinfo else event.at
    return event.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fact about to be recorded; the ledger adds position, time and hash."""

    kind: str
    subject: str
    environment: str
    operator: str
    body: Mapping[str, Any]


def foreseen(draft: Draft, *, seq: int, at: datetime) -> Event:
    """Return the event that ``draft`` would become; its hashes are not known yet."""
    return Event(
        seq=seq,
        at=at,
        kind=draft.kind,
        subject=draft.subject,
        environment=draft.environment,
        operator=draft.operator,
        body=draft.body,
        previous_hash="",
        hash="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place in the chain: an event's position and hash; position 0 lies before the first."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Result of walking the chain; ``broken_at`` is None when it holds.

    Attributes:
        events: How many events were walked and hold.
        notice: What had happened to the store and was put right by opening it; mostly empty.
    """

    events: int
    broken_at: int | None = None
    problem: str = ""
    notice: str = ""


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

    def unfinished(
        self, environment: str, *, opened: Sequence[str], ended: Sequence[str]
    ) -> Sequence[str]:
        """Return the subjects of ``environment`` whose story is open, the last opened first.

        A story is open when its last event of one of the kinds ``opened`` and ``ended`` is of one
        of ``opened``. The time taken grows with the number of stories, not of events.
        """

    def mark(self) -> Mark:
        """Return the place of the newest event."""

    def wait(self, after_seq: int, timeout_s: float) -> bool:
        """Block until there is an event behind ``after_seq``; False if none came in time."""

    def verify(self, *, since: Mark | None = None) -> Verification:
        """Walk the chain from the first event, or from ``since``, to the last.

        The event at ``since`` must still be there with the same hash.
        """

    def records(self, *, after_seq: int = 0) -> "Iterator[Record]":
        """Yield the events behind ``after_seq`` in order, as they are stored; in little memory."""

    def adopt(self, records: "Iterable[Record]") -> int:
        """Add events of another ledger as they are, all of them or none; return how many.

        They must continue the chain: LedgerError names the first that does not, and
        LedgerConflictError says that this ledger has grown in the meantime.
        """

    def close(self) -> None:
        """Release the store."""
