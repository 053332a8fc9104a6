"""What became of a unit whose log ended, in the words of a note; pure."""

from procedures.targets.values import Phase, Unit

_AT_REST = frozenset({Phase.STOPPED, Phase.FAILED, Phase.WAITING})


def was_started_again(unit: Unit, before: Unit) -> bool:
    """Return whether a unit lives another life than when it was looked at before."""
    if (unit.restarts or 0) > (before.restarts or 0):
        return True
    if unit.phase in _AT_REST:
        return False
    return before.phase in _AT_REST or unit.began_at != before.began_at


def may_write(unit: Unit, before: Unit) -> bool:
    """Return whether there may be more in its log than was read before.

    A unit that failed may have been started, and have ended, since.
    """
    return unit.phase not in _AT_REST or was_started_again(unit, before)


def ending(unit: Unit) -> str:
    """Write how it is with a unit that does not run."""
    if unit.phase is Phase.WAITING:
        return "has not begun"
    code = "" if unit.exit_code is None else f" with exit code {unit.exit_code}"
    return f"ran out of memory{code}" if unit.out_of_memory else f"ended{code}"
