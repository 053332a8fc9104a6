"""The command lines that ask systemd and its journal; pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from procedures.targets.systemd.properties import ASKED

_JOURNAL = ("journalctl", "--output=json", "--all", "--no-pager")
_LOG_FIELDS = "MESSAGE,PRIORITY"
_CHANGE_FIELDS = (
    "MESSAGE,MESSAGE_ID,UNIT,JOB_TYPE,JOB_RESULT,EXIT_CODE,EXIT_STATUS,UNIT_RESULT,INVOCATION_ID"
)
MOST_CHANGES = 5000
"""Entries of systemd that are looked at for what happened."""
_MOST_LIVES = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def show(names: Iterable[str], *, precise: bool) -> tuple[str, ...]:
    """Ask for the properties of units; with ``precise``, which systemd before 247 does not know."""
    times = ("--timestamp=us+utc",) if precise else ()
    return (
        "systemctl",
        "show",
        "--no-pager",
        *times,
        f"--property={','.join(ASKED)}",
        "--",
        *names,
    )


def list_loaded(patterns: Iterable[str]) -> tuple[str, ...]:
    """Ask for units that systemd holds."""
    bare = ("--all", "--no-legend", "--plain", "--no-pager")
    return ("systemctl", "list-units", *bare, "--", *patterns)


def list_files(patterns: Iterable[str]) -> tuple[str, ...]:
    """Ask for units that have a file, loaded or not."""
    bare = ("--no-legend", "--plain", "--no-pager")
    return ("systemctl", "list-unit-files", *bare, "--", *patterns)


def log(units: Iterable[str], since: datetime | None, tail: int | None) -> tuple[str, ...]:
    """Ask for the log of units, or for so many entries at its end.

    With both a time and a number the newest comes first, see :func:`is_reversed`.
    """
    some = (*_since(since), *_last(tail))
    order = ("--reverse",) if is_reversed(since, tail) else ()
    return (*_JOURNAL, f"--output-fields={_LOG_FIELDS}", *some, *order, *_named(units))


def is_reversed(since: datetime | None, tail: int | None) -> bool:
    """Tell whether the newest entry comes first: else journalctl counts from the beginning."""
    return since is not None and tail is not None


def follow(units: Iterable[str], after_us: int) -> tuple[str, ...]:
    """Ask for what units write after a moment, in microseconds since 1970, and from now on."""
    some = (f"--since={_seconds(after_us + 1)}", "--follow", "--no-tail")
    return (*_JOURNAL, f"--output-fields={_LOG_FIELDS}", *some, *_named(units))


def log_of_life(invocation: str, since: datetime | None, tail: int | None) -> tuple[str, ...]:
    """Ask for what one life of a unit wrote, and what systemd said of it, as :func:`log` does."""
    some = (*_since(since), *_last(tail))
    order = ("--reverse",) if is_reversed(since, tail) else ()
    named = (f"_SYSTEMD_INVOCATION_ID={invocation}", "+", "_PID=1", f"INVOCATION_ID={invocation}")
    return (*_JOURNAL, f"--output-fields={_LOG_FIELDS}", *some, *order, *named)


def lives(unit: str) -> tuple[str, ...]:
    """Ask for the last lives of a unit, the newest first."""
    last = ("--reverse", f"--lines={_MOST_LIVES}", "--output-fields=INVOCATION_ID")
    return (*_JOURNAL, *last, "_PID=1", f"UNIT={unit}")


def changes(units: Iterable[str], since: datetime) -> tuple[str, ...]:
    """Ask what systemd did with units since then; the newest comes first."""
    some = (f"--since={_moment(since)}", "--reverse", f"--lines={MOST_CHANGES}")
    named = [f"UNIT={each}" for each in units]
    return (*_JOURNAL, f"--output-fields={_CHANGE_FIELDS}", *some, "_PID=1", *named)


def news(since_us: int) -> tuple[str, ...]:
    """Ask what systemd does with any unit from then on, in microseconds since 1970."""
    some = (f"--since={_seconds(since_us)}", "--follow", "--no-tail")
    return (*_JOURNAL, f"--output-fields={_CHANGE_FIELDS}", *some, "_PID=1")


def variables_for(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a question: times in UTC, no colour, no other language."""
    plain = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_URLIFY": "0"}
    return {**variables, **plain}


def _named(units: Iterable[str]) -> list[str]:
    return [f"--unit={each}" for each in units]


def _since(at: datetime | None) -> tuple[str, ...]:
    return () if at is None else (f"--since={_moment(at)}",)


def _last(tail: int | None) -> tuple[str, ...]:
    return () if tail is None else (f"--lines={tail}",)


def _moment(at: datetime) -> str:
    return _seconds(microseconds_of(at))


def microseconds_of(at: datetime) -> int:
    """Return the microseconds since 1970, not one too few."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _seconds(at_us: int) -> str:
    return f"@{at_us // 1_000_000}.{at_us % 1_000_000:06d}"
