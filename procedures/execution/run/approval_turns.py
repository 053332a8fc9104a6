"""The turns of an approval: asked for, then granted or refused by somebody else, or expired."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from procedures.errors import RunError
from procedures.execution.run.bodies import decided_at, moment, word
from procedures.execution.run.run import Approval, StepRecord, StepStatus
from procedures.ledger.event import Event


def _requested(step: StepRecord, event: Event) -> StepRecord:
    if step.status is not StepStatus.PENDING:
        raise RunError(f"step {step.id} is {step.status.value} and needs no approval")
    return replace(
        step,
        approval=Approval(
            binding=word(event.body, "binding"),
            asked_by=event.operator,
            asked_at=event.at,
            expires_at=moment(event.body, "expires_at"),
        ),
    )


def _granted(step: StepRecord, event: Event) -> StepRecord:
    approval = _decidable(step, event)
    granted = replace(approval, granted_by=event.operator, decided_at=decided_at(event))
    return replace(step, approval=granted)


def _refused(step: StepRecord, event: Event) -> StepRecord:
    approval = _decidable(step, event)
    refused = replace(
        approval,
        refused_by=event.operator,
        reason=word(event.body, "reason"),
        decided_at=decided_at(event),
    )
    return replace(step, approval=refused)


def _decidable(step: StepRecord, event: Event) -> Approval:
    approval = step.approval
    if approval is None or step.status is not StepStatus.PENDING:
        raise RunError(f"nobody waits for an approval of step {step.id}")
    if approval.decided_at is not None:
        by = approval.granted_by or approval.refused_by
        raise RunError(f"{by} has decided on step {step.id} already")
    if decided_at(event) >= approval.expires_at:
        raise RunError(
            f"the request for step {step.id} expired at {approval.expires_at:%H:%M:%S} UTC",
            fix="Ask the driver of the run for a new request",
        )
    if event.operator == approval.asked_by:
        raise RunError(
            f"{event.operator} asked for this approval and cannot give it",
            fix="Let a second person decide, from their own account",
        )
    if word(event.body, "binding") != approval.binding:
        raise RunError(
            f"what was asked for step {step.id} is not what was looked at",
            fix="Look at the present request and decide again",
        )
    return approval


TURNS: Mapping[str, Callable[[StepRecord, Event], StepRecord]] = MappingProxyType(
    {
        "approval.requested": _requested,
        "approval.granted": _granted,
        "approval.refused": _refused,
    }
)
"""What each kind of event does to the step that it names."""
