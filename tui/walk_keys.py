"""Which turns an operator can take at this moment; what cannot be taken has no key; pure."""

from procedures.execution.run.run import Run, StepRecord, StepStatus

_OF_ANYBODY = frozenset({"note", "evidence"})


def can_be_taken(turn: str, run: Run, *, drives: bool, can_go_back: bool) -> bool:
    """Tell whether the fold of the run would take the turn from this console.

    Args:
        turn: Name of a function of :mod:`tui.turns` or :mod:`tui.course_turns`.
        run: As it is now.
        drives: This console drives it.
        can_go_back: Something can be undone.
    """
    if turn in _OF_ANYBODY:
        return True
    if turn == "take_over":
        return run.is_open and not drives
    if turn == "go_back":
        return can_go_back and not _command_runs(run) and (drives or not run.is_open)
    if not run.is_open or not drives:
        return False
    if turn in ("pause", "hand_over"):
        return True
    if turn == "abort":
        return not _command_runs(run) and not run.behind
    return run.current is not None and not run.pause and _of_step(turn, run.current)


def _of_step(turn: str, step: StepRecord) -> bool:
    match turn:
        case "retry":
            return step.status is StepStatus.FAILED
        case "cancel":
            return step.status is StepStatus.RUNNING
        case "untick":
            return bool(step.ticked)
        case "skip":
            return not step.command_runs and step.status is not StepStatus.IN_DOUBT
    return False


def _command_runs(run: Run) -> bool:
    return run.current is not None and run.current.command_runs
