"""The runs of a ledger, whatever environment they belong to; blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from procedures.errors import RunError
from procedures.execution.run.fold import fold
from procedures.execution.run.run import Run
from procedures.execution.run.run_turns import ENDED, OPENED
from procedures.ledger.event import Ledger

STARTED = "run.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One run of a list.

    Attributes:
        run: None when its events cannot be understood; ``problem`` then says why.
    """

    id: str
    run: Run | None
    problem: str = ""


def list_runs(
    ledger: Ledger, *, environment: str = "", ended_too: bool = False, limit: int = 0
) -> tuple[Listed, ...]:
    """Return runs, the last begun first.

    Args:
        ledger: Where they are recorded.
        environment: Name; empty for every one.
        ended_too: Also those that have ended; else only open ones.
        limit: How many at most; 0 for all.
    """
    started = ledger.events(kind_prefix=STARTED)
    places = {event.environment for event in started}
    here = [each for each in reversed(started) if environment in ("", each.environment)]
    ids = [event.subject for event in here]
    if not ended_too:
        still_open = {
            run_id
            for place in places
            for run_id in ledger.unfinished(place, opened=OPENED, ended=ENDED)
        }
        ids = [run_id for run_id in ids if run_id in still_open]
    return tuple(_listed(ledger, run_id) for run_id in islice(ids, limit or None))


def places(ledger: Ledger) -> frozenset[str]:
    """Return the names of all environments in which a run was ever begun."""
    return frozenset(event.environment for event in ledger.events(kind_prefix=STARTED))


def known_ids(ledger: Ledger) -> Sequence[str]:
    """Return the ids of all runs, the last begun first."""
    return [event.subject for event in reversed(ledger.events(kind_prefix=STARTED))]


def _listed(ledger: Ledger, run_id: str) -> Listed:
    try:
        return Listed(id=run_id, run=fold(ledger.events(subject=run_id)))
    except RunError as error:
        return Listed(id=run_id, run=None, problem=error.what)
