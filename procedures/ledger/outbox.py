"""Facts kept on this machine while a shared ledger does not answer."""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from procedures.errors import LedgerConflictError, LedgerError, LedgerUnreachableError
from procedures.ledger.chain import written
from procedures.ledger.event import KEPT_AT, Draft, Event, Ledger
from procedures.ledger.outbox_file import OutboxFile, Row
from procedures.ledger.storable import require_storable

KEPT = "kept"
"""Key in an event's body: the id of the kept fact that it is, which no two have."""

Fit = Callable[[Draft, Sequence[Event]], Draft | None]
"""Given a fact and the story of its subject as it is now, returns what to write of it.

The fact itself, another in its place when the story cannot take it any more, or None for nothing.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A fact that only this machine knows.

    Attributes:
        id: Unlike that of any other.
        at: When it happened.
        draft: What is to be recorded.
        doubtful: Hash of the event that it may be already, when nobody knows; else empty.
    """

    id: str
    at: datetime
    draft: Draft
    doubtful: str = ""


class Outbox:
    """Keeps facts in a file, on the disk before it returns, until a ledger has taken them.

    Threads and processes may share the file. Nothing is locked while the ledger is spoken to, so
    that a slow network holds up nobody who has a fact to keep.

    Args:
        path: The file; it is created, for its owner alone, by the first fact.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = OutboxFile(path)

    def keep(self, draft: Draft, at: datetime, *, doubtful: str = "") -> Kept:
        """Keep a fact that happened ``at``.

        Args:
            draft: The fact; its body has none of the keys KEPT and KEPT_AT.
            at: When it happened.
            doubtful: As ``LedgerUnreachableError.doubtful`` says, when appending it failed so.

        Raises:
            LedgerError: It could not be kept, or is nothing that a ledger can hold.
        """
        require_storable(draft)
        kept = Kept(id=uuid.uuid4().hex, at=at, draft=draft, doubtful=doubtful)
        self._file.add(_row(kept))
        return kept

    def pending(self, *, subject: str = "") -> Sequence[Kept]:
        """Return what waits, all of it or that of one subject, in the order in which it came."""
        return tuple(self._kept(row) for row in self._file.rows(subject))

    def deliver(self, ledger: Ledger, *, subject: str = "", fit: Fit | None = None) -> int:
        """Write what waits into ``ledger``, in the order in which it came; return how many.

        Each fact is removed from here once it is there. Whoever is interrupted in between finds
        it there by its id the next time, and so does another console that delivers meanwhile.

        Args:
            ledger: The shared one.
            subject: Only what belongs to this story.
            fit: See :data:`Fit`; without it everything is written as it is.

        Raises:
            LedgerUnreachableError: It still does not answer; the rest stays here.
            LedgerError: It cannot take a fact; that one and the rest stay here.
        """
        stories: dict[str, list[Event]] = {}
        delivered = 0
        for kept in self.pending(subject=subject):
            story = stories.setdefault(kept.draft.subject, [])
            self._hand_over(kept, ledger, story, fit)
            self._file.remove(kept.id)
            delivered += 1
        return delivered

    def _hand_over(self, kept: Kept, ledger: Ledger, story: list[Event], fit: Fit | None) -> None:
        """Make sure that ``kept`` is in the ledger; ``story`` is what was read of it so far."""
        late = _dated(kept.draft, kept)
        while True:
            seen = story[-1].seq if story else 0
            story += ledger.events(subject=late.subject, after_seq=seen)
            if any(_is(kept, event) for event in story):
                return
            chosen = late if fit is None else fit(late, story)
            if chosen is None:
                return
            try:
                last = story[-1].seq if story else 0
                story.append(ledger.append(_dated(chosen, kept), after=last))
            except LedgerConflictError:
                continue
            except LedgerUnreachableError as error:
                # Doubts about this one are settled by its id; they are nobody else's.
                raise LedgerUnreachableError(error.what, fix=error.fix) from error
            return

    def _kept(self, row: Row) -> Kept:
        try:
            body = json.loads(row.body)
            at = datetime.fromisoformat(row.at)
        except ValueError as error:
            raise self._file.damaged(f"fact {row.id} cannot be read: {error}") from error
        draft = Draft(
            kind=row.kind,
            subject=row.subject,
            environment=row.environment,
            operator=row.operator,
            body=body,
        )
        return Kept(id=row.id, at=at, draft=draft, doubtful=row.doubtful)


def _is(kept: Kept, event: Event) -> bool:
    return event.body.get(KEPT) == kept.id or bool(kept.doubtful and event.hash == kept.doubtful)


def _dated(draft: Draft, kept: Kept) -> Draft:
    marks = {KEPT: kept.id, KEPT_AT: written(kept.at)}
    return replace(draft, body={**draft.body, **marks})


def _row(kept: Kept) -> Row:
    draft = kept.draft
    return Row(
        id=kept.id,
        at=written(kept.at),
        kind=draft.kind,
        subject=draft.subject,
        environment=draft.environment,
        operator=draft.operator,
        body=_json(draft.kind, draft.body),
        doubtful=kept.doubtful,
    )


def _json(kind: str, body: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(body), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise LedgerError(
            f"the body of {kind} is not made of JSON values: {error}",
            fix="Report this as a defect; nothing was kept",
        ) from error
