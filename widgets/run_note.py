"""Where a run stands, in one line."""

from procedures.execution.run.effects import Standing, standing_effects
from procedures.execution.run.run import Run
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
        notes += [run.outcome.value, effects_note(run), f"recorded as run {run.id}"]
        return " · ".join(filter(None, notes))
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


def effects_note(run: Run) -> str:
    """Return how many of its effects are, or may be, still there; empty for none."""
    standing = standing_effects(run)
    if not standing:
        return ""
    sure = all(effect.standing is Standing.STANDS for effect in standing)
    stand = "stands" if len(standing) == 1 else "stand"
    return f"{counted(len(standing), 'effect')} {stand if sure else 'may stand'}"
