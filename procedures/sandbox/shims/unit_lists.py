"""systemctl's lists: timers, units and dependencies."""

import argparse
from datetime import UTC, datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.units import APP, JOBS, Unit, unit
from procedures.sandbox.shims.usage import say, table


def list_timers(control: Control, options: argparse.Namespace) -> int:
    """Answer ``list-timers``."""
    seen = observe(control)
    timers = [unit(seen, control, f"{name}.timer") for name in JOBS]
    everything = getattr(options, "all", False)
    shown = [
        each
        for each in timers
        if (each.active == "active" or everything) and _named(each, options.units)
    ]
    next_at = datetime.fromtimestamp(seen.now + 240, UTC)
    last_at = datetime.fromtimestamp(seen.now - 60, UTC)
    rows = [
        (
            f"{next_at:%a %Y-%m-%d %H:%M:%S UTC}",
            "4min left",
            f"{last_at:%a %Y-%m-%d %H:%M:%S UTC}",
            "1min ago",
            each.full_name,
            each.full_name.replace(".timer", ".service"),
        )
        for each in shown
    ]
    bare = getattr(options, "no_legend", False)
    head = [] if bare else [("NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES")]
    if head or rows:
        say(table([*head, *rows], gap=1))
    if not bare:
        say(f"\n{len(rows)} timers listed.")
    return 0


def _named(each: Unit, patterns: list[str]) -> bool:
    from fnmatch import fnmatchcase

    return not patterns or any(fnmatchcase(each.full_name, pattern) for pattern in patterns)


def list_units(control: Control, options: argparse.Namespace) -> int:
    """Answer ``list-units``."""
    seen = observe(control)
    names = [APP, "postgresql", "redis", *JOBS, *(f"{name}.timer" for name in JOBS)]
    found = [unit(seen, control, name) for name in names]
    shown = [each for each in found if _named(each, options.units)]
    if options.action == "list-unit-files":
        say(table([("UNIT FILE", "STATE"), *((e.full_name, e.file_state) for e in shown)], gap=1))
        return 0
    if options.failed or options.state == "failed":
        shown = [each for each in shown if each.active == "failed"]
    rows = [(e.full_name, e.load_state, e.active, e.sub, e.description) for e in shown]
    say(table([("UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"), *rows], gap=1))
    return 0


def list_dependencies(control: Control, options: argparse.Namespace) -> int:
    """Answer ``list-dependencies``."""
    for name in options.units:
        say(unit(observe(control), control, name).full_name)
        say("● ├─postgresql.service\n● └─redis.service")
    return 0
