"""When the timers of the sandbox elapse: as the service's own unit files say."""

from datetime import UTC, datetime, timedelta

_OFTEN = timedelta(minutes=5)
_SUNDAY = 6


def next_run(timer: str, now: float) -> datetime:
    """Return when a timer elapses next after the Unix time ``now``."""
    return last_run(timer, now) + _period(timer)


def last_run(timer: str, now: float) -> datetime:
    """Return when a timer elapsed last before the Unix time ``now``."""
    moment = datetime.fromtimestamp(now, UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    period = _period(timer)
    if period == _OFTEN:
        return midnight + (moment - midnight) // period * period
    if period == timedelta(days=1):
        first = midnight + timedelta(hours=2)
    else:
        first = midnight + timedelta(days=_SUNDAY - midnight.weekday(), hours=3)
    return first if first <= moment else first - period


def _period(timer: str) -> timedelta:
    if "healthcheck" in timer:
        return _OFTEN
    return timedelta(days=7) if "cleanup" in timer else timedelta(days=1)
