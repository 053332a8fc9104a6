"""From a settled environment to a running console, and back to the shell."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.clock import SystemClock
from procedures.environment import Environment, Tier
from procedures.fleet.fleet import Fleet
from procedures.targets.compose_command import with_compose
from procedures.targets.context_pin import with_pinned_context
from tui.app import ConsoleApp
from tui.demo_options import DemoOptions
from tui.services import Services
from tui.settings.backup_memory import with_backup_memory
from tui.settings.paths import library_path

if TYPE_CHECKING:
    from procedures.ledger.address import LedgerAddress
    from procedures.sandbox.launcher import Sandbox
    from tui.driver import Driver

SWITCH_INTERVAL_S = 0.001
"""How long a thread that evaluates may hold up a key; Python's own 5 ms add up to a pause."""

SETTLED_AFTER_S = 3.0
"""When start-up's objects are taken out of the garbage collector's sight."""


class _Console(ConsoleApp):
    """The application as a process: signals, garbage collection, orderly end."""

    def get_driver_class(self) -> "type[Driver]":
        """Return what drives the terminal."""
        from tui.driver import Driver

        return Driver

    async def on_load(self) -> None:
        """End in good order when the process is told to, or when its terminal is closed."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.exit, 128 + number)

    def on_mount(self) -> None:
        """Collect garbage only after the start: it costs a tenth of the first paint."""
        self.set_timer(SETTLED_AFTER_S, _settle)

    async def on_unmount(self) -> None:
        """Release what is held."""
        await self.close_services()


class _FleetFirst(_Console):
    """The same, with the whole fleet before one's eyes."""

    DEFAULT_MODE = "fleet"


def _settle() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


def open_console(
    environment: Environment | None,
    *,
    demo: DemoOptions | None,
    state_dir: Path,
    procedures: Sequence[Path],
    policy: Path | None = None,
    ledger: "LedgerAddress | None" = None,
    fleet: Fleet | None = None,
    place: str = "dashboard",
) -> int:
    """Run the console until the operator leaves; return the exit status of the process.

    A console belongs to one environment. Whoever goes to another one leaves it for a new console.

    Args:
        environment: What to watch; None for a demo, which brings its own.
        demo: How to start the sandbox; None for a real environment.
        state_dir: Where the ledger and the folders of runs lie.
        procedures: Directories of documents.
        policy: File of what the team allows; None for that of the machine.
        ledger: Where the team keeps its record; None for one of this machine.
        fleet: Where else one may go from here.
        place: What is shown first: dashboard or fleet.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    if demo is not None:
        environment = Environment(name="sandbox", tier=Tier.SANDBOX, method=demo.method)
    if environment is None:
        raise ValueError("a console needs an environment or a demo")
    while True:
        if demo is None and not environment.watch_only:
            environment = with_compose(environment, state_dir / "tools")
            environment = with_pinned_context(environment, state_dir / "contexts")
            environment = with_backup_memory(environment, state_dir)
        services = Services(
            environment,
            clock=SystemClock(),
            state_dir=state_dir,
            procedures=procedures,
            library_index=library_path(os.environ),
            policy=policy,
            ledger=ledger,
            fleet=fleet,
        )
        shown = _FleetFirst if place == "fleet" else _Console
        app = shown(services, start_sandbox=None if demo is None else lambda: _start(demo))
        status = app.run()
        if app.goes_to is None:
            return app.return_code or status or 0
        environment, place = app.goes_to, "dashboard"


async def _start(demo: DemoOptions) -> "Sandbox":
    from procedures.sandbox.launcher import start

    return await start(demo.state_dir, method=demo.method, faults=demo.faults, keep=demo.keep)
