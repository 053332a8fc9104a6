"""A run is a fold of its events; pure, so that replaying them equals the past.

Every turn that a run can take is one event kind, and a turn that cannot follow from what happened
before raises RunError, whoever asks for it: the console before it records, or a replay.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType

from procedures.environment import Method
from procedures.errors import RunError
from procedures.execution.run import run_turns, step_turns
from procedures.execution.run.bodies import read_outline, word
from procedures.execution.run.run import Driver, Run, StepRecord, StepStatus
from procedures.ledger.event import Event, happened_at


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
    turn = run_turns.TURNS.get(event.kind, _step_turn)
    # What was kept while a shared ledger did not answer is recorded later than it happened.
    told = replace(event, at=happened_at(event))
    after = _readable(lambda happened: turn(run, happened), told)
    return replace(after, last_seq=event.seq)


def _readable(read: Callable[[Event], Run], event: Event) -> Run:
    try:
        return read(event)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise RunError(
            f"event {event.seq} ({event.kind}) of {event.subject} cannot be understood: {error!r}",
            fix="Run `quarterdeck ledger verify`; a newer quarterdeck may have written it",
        ) from error


def _begin(event: Event) -> Run:
    if event.kind != "run.started":
        raise RunError(f"{event.subject} begins with {event.kind} instead of run.started")
    body = event.body
    steps = tuple(read_outline(step) for step in body["steps"])
    if len({step.id for step in steps}) < len(steps) or any(step.undoes for step in steps):
        raise ValueError("its steps are not those of a document")
    return Run(
        id=event.subject,
        procedure_id=word(body, "procedure"),
        title=word(body, "title"),
        digest=word(body, "digest"),
        environment=event.environment,
        method=Method(body["method"]),
        operator=event.operator,
        driver=Driver(operator=event.operator, console=word(body, "console", "")),
        started_at=event.at,
        inputs=MappingProxyType({name: word(body["inputs"], name) for name in body["inputs"]}),
        steps=_from(steps, word(body, "begin_at", ""), word(body, "reason", ""), event),
        rolls_back=word(body, "rolls_back", ""),
        first_seq=event.seq,
        last_seq=event.seq,
    )


def _from(
    steps: tuple[StepRecord, ...], begin_at: str, reason: str, event: Event
) -> tuple[StepRecord, ...]:
    """Return the steps with all before ``begin_at`` skipped."""
    if not begin_at:
        return steps
    place = [step.id for step in steps].index(begin_at)
    skipped = tuple(
        replace(step, status=StepStatus.SKIPPED, ended_at=event.at, reason=reason)
        for step in steps[:place]
    )
    return skipped + steps[place:]


def _step_turn(run: Run, event: Event) -> Run:
    take = step_turns.TURNS.get(event.kind)
    if take is None:
        raise RunError(f"a run knows no {event.kind}")
    run_turns.require_open(run)
    if event.kind not in step_turns.FACTS:
        run_turns.require_going_on(run)
    current = run.current
    step_id = word(event.body, "step")
    if current is None or step_id != current.id:
        place = f"step {current.id} is" if current else "the end of the run is"
        raise RunError(f"step {step_id} is not next", fix=f"Go on where {place} reached")
    return run_turns.with_step(run, take(current, event))
