"""How far two clocks are apart, and when data is too old to be believed."""

from datetime import datetime

MOST_SKEW_S = 30.0
"""Difference between two clocks that is not worth a word."""

LEAST_LIMIT_S = 60.0
"""Age that data from another collector may always have: it may scrape once a minute."""


def skew_note(server_at: float, now: float, whose: str) -> str:
    """Say that a clock differs from this machine's; empty while it hardly does."""
    ahead = server_at - now
    if abs(ahead) <= MOST_SKEW_S:
        return ""
    side = "ahead of" if ahead > 0 else "behind"
    return f"the clock of {whose} is {abs(ahead):.0f} s {side} this machine's"


def age_fault(age_s: float, interval_s: float) -> str:
    """Say that data is too old to be shown as the present; empty while it is not."""
    if age_s <= max(3 * interval_s, LEAST_LIMIT_S):
        return ""
    return f"the newest data is {age_s:.0f} s old"


def silence_fault(last_ok: datetime, cause: str) -> str:
    """Say since when a source has been silent, and why."""
    return f"no fresh data since {last_ok:%H:%M:%S} UTC: {cause}"
