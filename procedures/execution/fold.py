"""A run is a fold of its events; pure, so that replaying them equals the past.

Every turn that a run can take is one event kind, and a turn that cannot follow from what happened
before raises RunError, whoever asks for it: the console before it records, or a replay.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from procedures.environment import Method
from procedures.errors import RunError
from procedures.execution import step_turns
from procedures.execution.bodies import read_outline
from procedures.execution.run import Note, Run, RunOutcome
from procedures.ledger.event import Event


def fold(events: Iterable[Event]) -> Run:
    """Return the run that ``events`` tell of; the first one must be ``run.started``."""
    remaining = iter(events)
    first = next(remaining, None)
    if first is None:
        raise RunError("no such run is in the ledger", fix="List the open runs and choose one")
    run = _readable(_begin, first)
    for event in remaining:
        run = evolve(run, event)
    return run


def evolve(run: Run, event: Event) -> Run:
    """Return the run after ``event``; RunError if it cannot take this turn."""
    if event.subject != run.id:
        raise RunError(f"event {event.seq} belongs to {event.subject}, not to run {run.id}")
    turn = _RUN_TURNS.get(event.kind, _step_turn)
    after = _readable(lambda happened: turn(run, happened), event)
    return replace(after, last_seq=event.seq)


def _readable(read: Callable[[Event], Run], event: Event) -> Run:
    try:
        return read(event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunError(
            f"event {event.seq} ({event.kind}) of {event.subject} cannot be understood: {error!r}",
            fix="Run `quarterdeck ledger verify`; a newer quarterdeck may have written it",
        ) from error


def _begin(event: Event) -> Run:
    if event.kind != "run.started":
        raise RunError(f"{event.subject} begins with {event.kind} instead of run.started")
    body = event.body
    return Run(
        id=event.subject,
        procedure_id=body["procedure"],
        title=body["title"],
        digest=body["digest"],
        environment=event.environment,
        method=Method(body["method"]),
        operator=event.operator,
        started_at=event.at,
        inputs=MappingProxyType(dict(body["inputs"])),
        steps=tuple(read_outline(step) for step in body["steps"]),
        first_seq=event.seq,
        last_seq=event.seq,
    )


def _step_turn(run: Run, event: Event) -> Run:
    take = step_turns.TURNS.get(event.kind)
    if take is None:
        raise RunError(f"a run knows no {event.kind}")
    _require_open(run)
    current = run.current
    step_id = event.body["step"]
    if current is None or step_id != current.id:
        place = f"step {current.id} is" if current else "the end of the run is"
        raise RunError(f"step {step_id} is not next", fix=f"Go on where {place} reached")
    after = take(current, event)
    steps = tuple(after if step is current else step for step in run.steps)
    return replace(run, steps=steps)


def _noted(run: Run, event: Event) -> Run:
    note = Note(text=event.body["text"], operator=event.operator, at=event.at)
    return replace(run, notes=(*run.notes, note))


def _completed(run: Run, event: Event) -> Run:
    _require_open(run)
    if run.current:
        raise RunError(f"step {run.current.id} is still to do", fix="Do or skip it first")
    return replace(run, outcome=RunOutcome.COMPLETED, ended_at=event.at)


def _aborted(run: Run, event: Event) -> Run:
    _require_open(run)
    if run.current and run.current.command_runs:
        raise RunError(
            f"the command of step {run.current.id} still runs", fix="Cancel it, then abort the run"
        )
    return replace(run, outcome=RunOutcome.ABORTED, ended_at=event.at, reason=event.body["reason"])


def _require_open(run: Run) -> None:
    if run.outcome is not RunOutcome.OPEN:
        raise RunError(f"run {run.id} is {run.outcome.value}", fix="Start a new run")


_RUN_TURNS: Mapping[str, Callable[[Run, Event], Run]] = MappingProxyType(
    {"run.noted": _noted, "run.completed": _completed, "run.aborted": _aborted}
)
