"""A second person's side of an approval: what waits for a word, and giving it; blocks."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from procedures.clock import Clock
from procedures.errors import LedgerConflictError, RunError
from procedures.execution.policy.policy import Operator, Policy, require_approver
from procedures.execution.run.fold import evolve, fold
from procedures.execution.run.run import Approval, Run, StepRecord
from procedures.execution.run.run_turns import ENDED, OPENED
from procedures.execution.secrets.redaction import redact
from procedures.ledger.event import Draft, Event, Ledger, foreseen
from procedures.reference.levels import Level

REQUESTED = "approval.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One step that waits for a second person.

    Attributes:
        level: Of the command, as it would be executed.
        script: The command, without secrets, exactly as it was asked for.
        variables: Values of the variables that it mentions; secrets are masked.
        affects: What it affects and what is lost, as the document says.
    """

    run: Run
    step_id: str
    title: str
    level: Level
    script: str
    variables: Mapping[str, str]
    affects: str
    approval: Approval


def open_requests(ledger: Ledger, environment: str, now: datetime) -> tuple[Request, ...]:
    """Return what can still be decided in that environment, the newest run first."""
    requests: list[Request | None] = []
    for run_id in ledger.unfinished(environment, opened=OPENED, ended=ENDED):
        with suppress(RunError):  # what cannot be understood cannot be decided on either
            requests.append(request_of(ledger.events(subject=run_id)))
    return tuple(each for each in requests if each and each.approval.is_open(now))


def request_of(events: Sequence[Event]) -> Request | None:
    """Return the request that the present step of a run waits for, decided or expired or not."""
    run = fold(events)
    step = run.current
    if step is None or step.approval is None:
        return None
    asked = next(each for each in reversed(events) if _asks_for(step, each))
    return Request(
        run=run,
        step_id=step.id,
        title=step.title,
        level=Level(asked.body["level"]),
        script=asked.body["script"],
        variables=MappingProxyType(dict(asked.body.get("variables", {}))),
        affects=str(asked.body.get("affects", "")),
        approval=step.approval,
    )


def decide(
    request: Request,
    *,
    granted: bool,
    reason: str = "",
    operator: Operator,
    policy: Policy,
    ledger: Ledger,
    clock: Clock,
) -> None:
    """Record the second person's word.

    Raises:
        RunError: It is not theirs to give, it came too late, or the request is another one by now.
    """
    run, now = request.run, clock.now()
    require_approver(
        operator,
        policy=policy,
        environment=run.environment,
        procedure_id=run.procedure_id,
        level=request.level,
    )
    if not granted and not reason.strip():
        raise RunError("nothing was said", fix="Say why it is refused")
    draft = Draft(
        kind="approval.granted" if granted else "approval.refused",
        subject=run.id,
        environment=run.environment,
        operator=operator.name,
        body={
            "step": request.step_id,
            "binding": request.approval.binding,
            "reason": redact(reason),
            "decided_at": now.isoformat(),
        },
    )
    evolve(run, foreseen(draft, seq=run.last_seq + 1, at=now))
    try:
        ledger.append(draft, after=run.last_seq)
    except LedgerConflictError as error:
        raise RunError(
            f"run {run.id} has moved on", fix="Look at the present request and decide again"
        ) from error


def _asks_for(step: StepRecord, event: Event) -> bool:
    """Tell whether ``event`` is the request whose approval ``step`` waits for."""
    # Steps of a way back come in between, and each may have asked too.
    return event.kind == REQUESTED and event.body["step"] == step.id
