"""The turns of one step: what each ``step.*`` event makes of its record, and when it may come."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from procedures.errors import RunError
from procedures.execution.run import approval_turns
from procedures.execution.run.bodies import decided_at, flag, moment, read_results, whole, word
from procedures.execution.run.run import Stage, StepRecord, StepStatus
from procedures.ledger.event import Event
from procedures.reference.levels import Level

Turn = Callable[[StepRecord, Event], StepRecord]


def _overridden(step: StepRecord, event: Event) -> StepRecord:
    _require(step, "overridden", StepStatus.PENDING)
    reason, results = word(event.body, "reason"), read_results(event.body["results"])
    return replace(step, reason=reason, results=results)


def _confirmed(step: StepRecord, event: Event) -> StepRecord:
    _require(step, "confirmed", StepStatus.PENDING)
    binding = word(event.body, "binding")
    if flag(event.body, "needs_approval", otherwise=False):
        _require_second_person(step, binding, event)
    return replace(
        step, status=StepStatus.CONFIRMED, level=Level(event.body["level"]), binding=binding
    )


def _require_second_person(step: StepRecord, binding: str, event: Event) -> None:
    approval = step.approval
    if approval is None or not approval.covers(binding, decided_at(event)):
        raise RunError(
            f"step {step.id} has no valid approval of a second person", fix="Ask for one"
        )
    if approval.asked_by != event.operator:
        raise RunError(
            f"{approval.asked_by} asked for the approval of step {step.id}, not {event.operator}",
            fix="Ask for an approval of your own",
        )


def _lapsed(step: StepRecord, event: Event) -> StepRecord:
    _require(step, "asked again", StepStatus.CONFIRMED)
    return unconfirmed(step)


def unconfirmed(step: StepRecord) -> StepRecord:
    """Return ``step`` without its confirmation, if it was only confirmed."""
    if step.status is not StepStatus.CONFIRMED:
        return step
    return replace(step, status=StepStatus.PENDING, level=None, binding="")


def _started(step: StepRecord, event: Event) -> StepRecord:
    level, binding = Level(event.body["level"]), word(event.body, "binding")
    if level is Level.READ:
        _require(step, "started", StepStatus.PENDING, StepStatus.CONFIRMED)
    elif step.status is not StepStatus.CONFIRMED:
        raise RunError(f"step {step.id} is not confirmed", fix="Confirm it first")
    if step.status is StepStatus.CONFIRMED and (step.level, step.binding) != (level, binding):
        raise RunError(
            f"step {step.id} is not what was confirmed", fix="Look at it and confirm it anew"
        )
    return replace(
        step,
        status=StepStatus.RUNNING,
        level=level,
        binding=binding,
        folder=word(event.body, "folder"),
        host=word(event.body, "host"),
        background=flag(event.body, "background", otherwise=False),
        started_at=event.at,
        results=(),
    )


def _left_running(step: StepRecord, event: Event) -> StepRecord:
    _require_command(step, "left running")
    if not step.background or step.undoes:
        raise RunError(f"the command of step {step.id} is not one for the background")
    return _through(step, Stage.COMMAND, event)


def _finished(step: StepRecord, event: Event) -> StepRecord:
    _require_command(step, "finished")
    finished = _with_end(step, event)
    if finished.exit_code != 0 or event.body["reason"]:
        return replace(finished, status=StepStatus.FAILED, ended_at=finished.command_ended_at)
    return _through(finished, Stage.COMMAND, event)


def _with_end(step: StepRecord, event: Event) -> StepRecord:
    body = event.body
    return replace(
        step,
        exit_code=None if body["exit_code"] is None else whole(body, "exit_code"),
        command_ended_at=moment(body, "ended_at"),
        reason=word(body, "reason") or step.reason,
    )


def ended_behind(step: StepRecord, event: Event) -> StepRecord:
    """Return ``step`` after its command has ended in the background; the step itself went on."""
    if not step.runs_behind:
        raise RunError(f"no command of step {step.id} runs in the background")
    return _with_end(step, event)


def _in_doubt(step: StepRecord, event: Event) -> StepRecord:
    _require_command(step, "doubted")
    return replace(step, status=StepStatus.IN_DOUBT, reason=word(event.body, "reason"))


def _doubt_resolved(step: StepRecord, event: Event) -> StepRecord:
    _require(step, "resolved", StepStatus.IN_DOUBT)
    resolved = replace(step, note=word(event.body, "note"))
    if not flag(event.body, "passed"):
        return replace(resolved, status=StepStatus.FAILED, ended_at=event.at)
    resolved = replace(resolved, status=StepStatus.RUNNING, reason="", command_ended_at=event.at)
    return _through(resolved, Stage.COMMAND, event)


def _checked(step: StepRecord, event: Event) -> StepRecord:
    stage, results = Stage(event.body["stage"]), read_results(event.body["results"])
    _require_stage(step, stage)
    checked = replace(step, results=step.results + results)
    failed = next((result for result in results if result.passed is not True), None)
    if failed is None:
        return _through(checked, stage, event)
    reason = f"{failed.text}: {failed.detail}"
    return replace(checked, status=StepStatus.FAILED, ended_at=event.at, reason=reason)


def _waiting(step: StepRecord, event: Event) -> StepRecord:
    _require_stage(step, Stage.WAIT)
    return replace(step, waiting_since=event.at)


def _ticked(step: StepRecord, event: Event) -> StepRecord:
    item = whole(event.body, "item")
    _require_answerable(step, item, step.items)
    ticked = step.ticked | {item} if flag(event.body, "on") else step.ticked - {item}
    answered = replace(step, ticked=ticked, started_at=step.started_at or event.at)
    if len(ticked) == step.items:
        return _through(answered, Stage.ITEMS, event)
    # A tick that is taken back opens the stage again.
    left = tuple(stage for stage in step.stages if stage in {*step.remaining, Stage.ITEMS})
    return replace(answered, remaining=left)


def _chosen(step: StepRecord, event: Event) -> StepRecord:
    choice = whole(event.body, "choice")
    _require_answerable(step, choice, step.choices)
    answered = replace(step, chosen=choice, started_at=step.started_at or event.at)
    return _through(answered, Stage.CHOICE, event)


def _skipped(step: StepRecord, event: Event) -> StepRecord:
    if step.command_runs or step.status is StepStatus.IN_DOUBT:
        raise RunError(
            f"step {step.id} is {step.status.value}", fix="Say how its command ended first"
        )
    reason = word(event.body, "reason")
    return replace(step, status=StepStatus.SKIPPED, ended_at=event.at, reason=reason)


def _retried(step: StepRecord, event: Event) -> StepRecord:
    _require(step, "retried", StepStatus.FAILED)
    if step.runs_behind:
        raise RunError(
            f"the command of step {step.id} still runs in the background", fix="Stop it first"
        )
    if not flag(event.body, "recheck"):
        return replace(step.afresh(), earlier_level=step.reached_level)
    if Stage.COMMAND in step.remaining:
        raise RunError(f"the command of step {step.id} did not succeed", fix="Retry the whole step")
    return replace(
        step,
        status=StepStatus.RUNNING,
        attempt=step.attempt + 1,
        ended_at=None,
        reason="",
        results=(),
        waiting_since=None,
        remaining=tuple(
            stage for stage in step.stages if stage in {*step.remaining, Stage.CHECKS, Stage.WAIT}
        ),
    )


def _through(step: StepRecord, stage: Stage, event: Event) -> StepRecord:
    """Return ``step`` with ``stage`` behind it: passed, if that was the last."""
    remaining = tuple(left for left in step.remaining if left is not stage)
    if remaining:
        return replace(step, remaining=remaining)
    by_command = step.command_ended_at if stage is Stage.COMMAND else None
    return replace(step, remaining=(), status=StepStatus.PASSED, ended_at=by_command or event.at)


def _require(step: StepRecord, what: str, *allowed: StepStatus) -> None:
    if step.status not in allowed:
        raise RunError(f"step {step.id} is {step.status.value} and cannot be {what}")


def _require_command(step: StepRecord, what: str) -> None:
    if not step.command_runs:
        raise RunError(f"no command of step {step.id} runs that could be {what}")


def _require_stage(step: StepRecord, stage: Stage) -> None:
    _require(step, "judged", StepStatus.RUNNING)
    if step.command_runs or stage not in step.remaining:
        raise RunError(f"step {step.id} has no {stage.value} to judge now")


def _require_answerable(step: StepRecord, position: int, count: int) -> None:
    _require(step, "answered", StepStatus.PENDING, StepStatus.CONFIRMED, StepStatus.RUNNING)
    if not 0 <= position < count:
        raise RunError(f"step {step.id} has no item or choice {position + 1}")


TURNS: Mapping[str, Turn] = MappingProxyType(
    {
        "step.overridden": _overridden,
        "step.confirmed": _confirmed,
        "step.lapsed": _lapsed,
        "step.started": _started,
        "step.left-running": _left_running,
        "step.finished": _finished,
        "step.in-doubt": _in_doubt,
        "step.doubt-resolved": _doubt_resolved,
        "step.checked": _checked,
        "step.waiting": _waiting,
        "step.ticked": _ticked,
        "step.chosen": _chosen,
        "step.skipped": _skipped,
        "step.retried": _retried,
        **approval_turns.TURNS,
    }
)
"""What each kind of event does to the step that it names."""

FACTS = frozenset(
    {
        "step.lapsed",
        "step.left-running",
        "step.finished",
        "step.in-doubt",
        "step.checked",
        "step.waiting",
        *approval_turns.TURNS,
    }
)
"""Turns that are no decision of the driver's: they may come while the run is paused."""
