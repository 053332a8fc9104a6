"""systemctl's lists: timers, units and dependencies."""

import argparse
from collections.abc import Sequence

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.spans import short
from procedures.sandbox.shims.unit_timers import last_run, next_run
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
    rows = []
    for each in shown:
        next_at, last_at = next_run(each.name, seen.now), last_run(each.name, seen.now)
        rows.append(
            (
                f"{next_at:%a %Y-%m-%d %H:%M:%S UTC}",
                f"{short(next_at.timestamp() - seen.now)} left",
                f"{last_at:%a %Y-%m-%d %H:%M:%S UTC}",
                f"{short(seen.now - last_at.timestamp())} ago",
                each.full_name,
                each.full_name.replace(".timer", ".service"),
            )
        )
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
        files = [(each.full_name, each.file_state) for each in shown]
        _print(options, ("UNIT FILE", "STATE"), files)
        return 0 if files else 1
    if options.failed or options.state == "failed":
        shown = [each for each in shown if each.active == "failed"]
    rows = [(e.full_name, e.load_state, e.active, e.sub, e.description) for e in shown]
    _print(options, ("UNIT", "LOAD", "ACTIVE", "SUB", "DESCRIPTION"), rows)
    return 0


def _print(
    options: argparse.Namespace, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> None:
    shown = list(rows) if getattr(options, "no_legend", False) else [head, *rows]
    if shown:
        say(table(shown, gap=1))


def list_dependencies(control: Control, options: argparse.Namespace) -> int:
    """Answer ``list-dependencies``."""
    for name in options.units:
        say(unit(observe(control), control, name).full_name)
        say("● ├─postgresql.service\n● └─redis.service")
    return 0
