"""Where a run stands, in one line."""

from procedures.execution.effects import standing_effects
from procedures.execution.run import Run
from widgets.marks import counted


def run_note(run: Run, *, drives: bool, unshared: int = 0) -> str:
    """Return how far the run is, who drives it if it is another console, and what is unusual.

    Args:
        run: What the ledger says of it.
        drives: This console does.
        unshared: How many facts of it only this machine knows yet.
    """
    notes = [] if not unshared else [f"{counted(unshared, 'fact')} not yet shared"]
    if not run.is_open:
        return " · ".join([*notes, run.outcome.value, _effects(run), f"run {run.id}"])
    if not drives:
        driver = run.driver
        notes.append(f"{driver.operator} drives" if driver.console else f"for {driver.operator}")
    if run.pause:
        notes.append("paused")
    if run.behind:
        notes.append(f"{len(run.behind)} in the background")
    done = sum(step.is_over for step in run.path)
    way = "undone" if run.rolling_back else "steps done"
    return " · ".join([*notes, f"{done} of {len(run.path)} {way}"])


def _effects(run: Run) -> str:
    standing = standing_effects(run)
    return f"{counted(len(standing), 'effect')} of it may stand" if standing else "nothing stands"
