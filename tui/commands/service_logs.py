"""``quarterdeck service logs``: the log of a workload, printed or followed."""

import argparse
import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from procedures.clock import SystemClock
from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.execution.secrets.redaction import redact
from procedures.execution.secrets.values import secret_values
from procedures.targets.log_lines import LONGEST_LINE, LogLine, Severity
from procedures.targets.target import LogQuery
from tui.commands.service_places import Standing, find, targets_of
from tui.log_saving import line_text

if TYPE_CHECKING:
    from procedures.targets.values import Unit


async def logs(arguments: argparse.Namespace) -> int:
    """Print the log; with ``--follow`` until a signal comes."""
    from tui.commands.places import place_of

    least = Severity[arguments.least.upper()] if arguments.least else Severity.UNKNOWN
    async with (
        place_of(arguments) as place,
        targets_of(place, arguments) as targets,
    ):
        secrets = await asyncio.to_thread(secret_values, place)
        standing = await find(targets, arguments.workload)
        _require_unit(standing, arguments.unit)
        batches = _followed(standing, arguments) if arguments.follow else _read(standing, arguments)
        async with aclosing(batches):
            async for lines in batches:
                told = [line for line in lines if line.severity >= least]
                if told:
                    write = _plain if arguments.json else line_text
                    print("\n".join(write(line, secrets) for line in told), flush=True)
    return 0


def _followed(
    standing: Standing, arguments: argparse.Namespace
) -> AsyncGenerator[Sequence[LogLine], None]:
    from procedures.targets.log_following import LogFollowing

    return LogFollowing(
        standing.target,
        standing.workload.name,
        unit=arguments.unit,
        since=_since(arguments),
        tail=None if arguments.since else arguments.tail,
        clock=SystemClock(),
    ).batches()


async def _read(
    standing: Standing, arguments: argparse.Namespace
) -> AsyncGenerator[Sequence[LogLine], None]:
    """Yield the lines of all units in the order of time."""
    query = LogQuery(
        since=_since(arguments),
        tail=None if arguments.since else arguments.tail,
        previous=arguments.previous,
    )
    units = [u for u in standing.workload.units if arguments.unit in ("", u.name)]
    every = await asyncio.gather(*(_lines(standing, unit, query) for unit in units))
    lines = [line for part in every for line in part]
    lines.sort(key=lambda line: line.stamp)
    yield lines


async def _lines(standing: Standing, unit: "Unit", query: LogQuery) -> list[LogLine]:
    async with aclosing(standing.target.log(unit, query)) as batches:
        return [line async for batch in batches for line in batch]


def _since(arguments: argparse.Namespace) -> datetime | None:
    if not arguments.since:
        return None
    return SystemClock().now() - timedelta(seconds=arguments.since)


def _require_unit(standing: Standing, name: str) -> None:
    from procedures.runbook.problems import nearest

    names = [unit.name for unit in standing.workload.units]
    if name and name not in names:
        raise SourceError(
            f"{standing.workload.name} has no unit '{name}'", fix=nearest(name, names)
        )


def _plain(line: LogLine, secrets: Sequence[str]) -> str:
    told = {
        "at": line.stamp,
        "unit": clean_line(line.unit),
        "severity": line.severity.name.lower(),
        "text": redact(clean_line(line.text, limit=LONGEST_LINE), secrets),
    }
    return json.dumps(told, ensure_ascii=False)
