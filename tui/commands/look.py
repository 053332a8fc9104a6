"""One look at an environment, told on standard output."""

import asyncio
from enum import Enum

from procedures.clock import SystemClock
from procedures.environment import Environment
from procedures.reference.indicators import load_indicators
from procedures.signals.values import Snapshot
from procedures.signals.verdict import findings, verdict
from tui.commands.arguments import PATIENCE_S
from tui.commands.plugin_output import plugin_output
from tui.commands.snapshot_json import snapshot_json
from tui.plain import render


class Style(Enum):
    """How a look is told."""

    PLUGIN = "plugin"
    JSON = "json"
    DASHBOARD = "dashboard"


async def look(environment: Environment, patience_s: float = PATIENCE_S) -> Snapshot:
    """Ask every source once."""
    # The clients of the sources are only wanted here, and cost a third of a second.
    from procedures.signals.build import look_once

    return await look_once(environment, SystemClock(), patience_s=patience_s)


def tell(snapshot: Snapshot, environment: Environment, style: Style) -> int:
    """Print what the look found; return the exit status of a monitoring plugin."""
    indicators = load_indicators()
    found = findings(snapshot, environment, indicators.values())
    match style:
        case Style.PLUGIN:
            print(plugin_output(snapshot, found, environment, indicators))
        case Style.JSON:
            print(snapshot_json(snapshot, found, environment, indicators))
        case Style.DASHBOARD:
            print(render(snapshot, environment, indicators.values()))
    return verdict(found).exit_code


def look_and_tell(environment: Environment, style: Style, patience_s: float = PATIENCE_S) -> int:
    """Take one look and tell it."""
    return tell(asyncio.run(look(environment, patience_s)), environment, style)
