"""Why a walk that nobody attends stops, and what to add to the same command; pure."""

from collections.abc import Sequence

from procedures.errors import RunError
from procedures.execution.policy.policy import Confirmation
from procedures.execution.record.console_names import where
from procedures.execution.run.preparation import Prepared
from procedures.execution.run.run import Approval, Run, RunOutcome, Stage, StepRecord
from procedures.execution.unattended.orders import Halt, Halted, Orders, named
from procedures.runbook.model import Item

_OUTCOMES = {
    RunOutcome.COMPLETED: Halt.COMPLETED,
    RunOutcome.ROLLED_BACK: Halt.ROLLED_BACK,
    RunOutcome.ABORTED: Halt.ABORTED,
}


def standing(run: Run, *, drives: bool) -> Halted | None:
    """Return why no turn can be taken at all; None if one can."""
    if not run.is_open:
        return Halted(halt=_OUTCOMES[run.outcome], what=f"run {run.id} is {run.outcome.value}")
    if not drives:
        driver = run.driver
        place = f"from {where(driver.console)}" if driver.console else "once they take it up"
        return Halted(
            halt=Halt.FOLLOWS,
            what=f"{driver.operator} drives run {run.id} {place}",
            option="--take-over REASON",
        )
    if run.pause:
        return Halted(
            halt=Halt.PAUSED,
            what=f"{run.pause.operator} paused the run: {run.pause.reason}",
            option="--go-on",
        )
    return None


def forbidden(record: StepRecord, prepared: Prepared, orders: Orders) -> Halted | None:
    """Return why the step may not begin, whoever else agrees; None if it may."""
    if prepared.ruling.refusal:
        return Halted(
            halt=Halt.REFUSED,
            what=prepared.ruling.refusal,
            step_id=record.id,
            option=f"--skip {record.id}=REASON",
            fix="Hand the run over to somebody who may",
        )
    if prepared.command and prepared.command.interactive:
        return Halted(
            halt=Halt.INTERACTIVE,
            what=f"the command of step {record.id} asks questions of its own",
            step_id=record.id,
            option=f"--skip {record.id}=REASON",
            fix="Take the run up in the console, where it gets a terminal",
        )
    typed = prepared.confirmation is Confirmation.TYPED
    if typed and not named(record, orders.allow_destructive):
        about = f": {prepared.affects}" if prepared.affects else ""
        return Halted(
            halt=Halt.DESTRUCTIVE,
            what=f"step {record.id} is destructive here, and not named{about}",
            step_id=record.id,
            option=f"--allow-destructive {record.id}",
        )
    return None


def unmet(record: StepRecord, prepared: Prepared, error: RunError) -> Halted:
    """Return that a precondition fails."""
    may = prepared.ruling.may_override
    return Halted(
        halt=Halt.PRECONDITION,
        what=error.what,
        step_id=record.id,
        option=f"--override {record.id}=REASON" if may else "",
        fix="Make it true" if may else error.fix,
    )


def blocked(record: StepRecord, error: RunError) -> Halted:
    """Return that the step cannot be taken, for a reason of its own."""
    return Halted(halt=Halt.BLOCKED, what=error.what, step_id=record.id, fix=error.fix)


def changed(run: Run) -> Halted:
    """Return that the document is another one than when the run began."""
    return Halted(
        halt=Halt.CHANGED,
        what=f"the document {run.procedure_id} has changed since this run began",
        fix=f"Take back what it did or abort it: `quarterdeck runs undo {run.id} --reason TEXT`, "
        f"`quarterdeck runs abort {run.id} --reason TEXT`; then begin anew",
    )


def turned_down(record: StepRecord, approval: Approval) -> Halted:
    """Return that a second person has refused."""
    return Halted(
        halt=Halt.REFUSED,
        what=f"{approval.refused_by} refused step {record.id}: {approval.reason}",
        step_id=record.id,
        option=f"--ask-again {record.id}",
        fix="Or skip the step, or abort the run",
    )


def waits_for_second(run: Run, step_id: str) -> Halted:
    """Return that a second person has not decided yet."""
    record = run.step(step_id)
    approval = record.approval if record else None
    until = f" until {approval.expires_at:%H:%M:%S} UTC" if approval else ""
    return Halted(
        halt=Halt.SECOND_PERSON,
        what=f"step {step_id} waits for a second person{until}",
        step_id=step_id,
        fix=f"Let somebody else run `quarterdeck approve {run.id}`",
    )


def not_ticked(record: StepRecord, items: Sequence[Item]) -> Halted:
    """Return that something is to be done by hand."""
    left = "; ".join(item.text for n, item in enumerate(items) if n not in record.ticked)
    return Halted(
        halt=Halt.ITEMS,
        what=f"step {record.id} is done by hand: {left}",
        step_id=record.id,
        option=f"--tick {record.id}",
    )


def not_chosen(record: StepRecord, labels: Sequence[str]) -> Halted:
    """Return that somebody has to decide."""
    listed = "; ".join(f"{n}: {label}" for n, label in enumerate(labels, start=1))
    return Halted(
        halt=Halt.CHOICE,
        what=f"step {record.id} is a decision: {listed}",
        step_id=record.id,
        option=f"--choose {record.id}=N",
    )


def failed(run: Run, record: StepRecord) -> Halted:
    """Return that the step failed, and the ways on."""
    only_checks = Stage.COMMAND in record.stages and Stage.COMMAND not in record.remaining
    again = f" or --recheck {record.id}" if only_checks else ""
    return Halted(
        halt=Halt.FAILED,
        what=f"step {record.id} failed: {record.reason}",
        step_id=record.id,
        option=f"--retry {record.id}{again} or --skip {record.id}=REASON",
        fix=f"Or take back what the run did: `quarterdeck runs undo {run.id} --reason TEXT`",
    )


def in_doubt(record: StepRecord) -> Halted:
    """Return that nobody knows how the command ended."""
    return Halted(
        halt=Halt.DOUBT,
        what=f"nobody knows how the command of step {record.id} ended: {record.reason}",
        step_id=record.id,
        option=f"--resolve {record.id}=passed:NOTE or --resolve {record.id}=failed:NOTE",
        fix="Look at its effects first",
    )
