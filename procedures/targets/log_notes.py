"""Lines that the console adds to a log: what became of a unit, what cannot be read; pure."""

from datetime import datetime

from procedures.targets.log_lines import LogLine, Severity


def note(text: str, at: datetime) -> LogLine:
    """Return a line that no unit wrote, which is what tells it from all others."""
    stamp = f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
    return LogLine(stamp, "", Severity.UNKNOWN, f"— {text} —")


def is_note(line: LogLine) -> bool:
    """Return whether a line is a note of the console's."""
    return not line.unit


def order_of(stamp: str) -> str:
    """Return a text that sorts as the stamps do, however many digits their seconds have.

    ``…00Z`` sorts behind ``…00.5Z``, and ``….12Z`` behind ``….123Z``, for no other reason than the
    letter at the end.
    """
    return stamp.rstrip("Z")
