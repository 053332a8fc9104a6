"""What other people, and commands in the background, did to a run meanwhile, in words; pure."""

from collections.abc import Iterator

from procedures.execution.run.run import Driver, Run, RunOutcome, StepRecord


def news(before: Run, after: Run, me: Driver) -> tuple[str, ...]:
    """Return a sentence for each thing that ``me`` did not do and should know of."""
    return tuple(_news(before, after, me))


def _news(before: Run, after: Run, me: Driver) -> Iterator[str]:
    driver = after.driver
    if driver != before.driver and driver != me:
        if driver.console:
            yield f"{driver.operator} drives this run from now on; you follow."
        elif driver.operator == me.operator:
            yield "This run was handed over to you; Enter takes it up."
        else:
            yield f"This run was handed over to {driver.operator}."
    if after.pause and not before.pause and after.pause.operator != me.operator:
        yield f"{after.pause.operator} paused the run: {after.pause.reason}"
    if before.pause and not after.pause and after.driver != me and after.is_open:
        yield "The run goes on."
    for note in after.notes[len(before.notes) :]:
        if note.operator != me.operator:
            yield f"{note.operator} notes: {note.text}"
    if before.outcome is RunOutcome.OPEN and after.outcome is not RunOutcome.OPEN and driver != me:
        yield f"The run is {after.outcome.value}."
    for step in after.all_steps:
        yield from _of_step(before.step(step.id), step)


def _of_step(before: StepRecord | None, after: StepRecord) -> Iterator[str]:
    asked = before.approval if before else None
    if after.approval and asked and asked.decided_at is None:
        if after.approval.granted_by:
            yield f"{after.approval.granted_by} approved {after.title}."
        if after.approval.refused_by:
            yield f"{after.approval.refused_by} refused {after.title}: {after.approval.reason}"
    if before and before.runs_behind and not after.runs_behind:
        code = "a signal" if after.exit_code is None else f"exit status {after.exit_code}"
        yield f"{after.title} ended in the background with {code}."
