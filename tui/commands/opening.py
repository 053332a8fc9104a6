"""From a command to the console, by the shortest way."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procedures.environment import Environment
    from procedures.fleet.fleet import Fleet
    from procedures.ledger.address import LedgerAddress
    from tui.demo_options import DemoOptions


def at_a_terminal() -> bool:
    """Tell whether there is a screen to fill and a keyboard to leave it with."""
    return sys.stdout.isatty() and sys.stdin is not None and sys.stdin.isatty()


def open_console(
    environment: "Environment | None",
    *,
    demo: "DemoOptions | None",
    state_dir: Path,
    procedures: Sequence[Path],
    policy: Path | None = None,
    ledger: "LedgerAddress | None" = None,
    fleet: "Fleet | None" = None,
    place: str = "dashboard",
) -> int:
    """Import the console and run it; see :func:`tui.launch.open_console`.

    A start makes hardly any garbage, and looking for it takes a tenth of the time: the console
    turns the collector on again when it has settled.
    """
    gc.disable()
    from tui import launch

    return launch.open_console(
        environment,
        demo=demo,
        state_dir=state_dir,
        procedures=procedures,
        policy=policy,
        ledger=ledger,
        fleet=fleet,
        place=place,
    )
