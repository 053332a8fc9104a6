"""What becomes of a fact that reaches a shared ledger after the run has moved on."""

from collections.abc import Sequence
from dataclasses import replace

from procedures.errors import RunError
from procedures.execution.run.fold import evolve, fold
from procedures.ledger.event import Draft, Event, foreseen


def fitting(draft: Draft, story: Sequence[Event]) -> Draft:
    """Return ``draft``, or a note in its place when the run cannot take it any more.

    Another console, which did not know of it, may have decided otherwise meanwhile. The fact must
    not be lost, and must not make the run's story impossible either.
    """
    if not story:
        return draft
    try:
        evolve(fold(story), foreseen(draft, seq=story[-1].seq + 1, at=story[-1].at))
    except RunError as error:
        text = f"Too late for the record of this run, which moved on: {draft.kind} ({error.what})"
        body = {"text": text, "late": {"kind": draft.kind, **draft.body}}
        return replace(draft, kind="run.noted", body=body)
    return draft
