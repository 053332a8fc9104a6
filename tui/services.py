"""What the screens work with, built when first needed: nothing may delay the first paint."""

import asyncio
import getpass
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.signals.values import Snapshot

if TYPE_CHECKING:
    from procedures.execution.checks import CheckRunner
    from procedures.execution.walk import Walk
    from procedures.ledger.event import Draft, Ledger
    from procedures.response.incidents import Incident
    from procedures.runbook.catalogue import Catalogue
    from procedures.runbook.model import Procedure
    from procedures.signals.watch import Watch


class Services:
    """The environment's watch, ledger and catalogue, and who uses them.

    Attributes:
        snapshot: What the watch knows at this moment; None before it knows anything.
        operator: The operating system's name of the person at the keys.
        state_dir: Where the ledger and the folders of runs lie.
    """

    def __init__(self, environment: Environment, *, clock: Clock, state_dir: Path) -> None:
        self.environment = environment
        self.clock = clock
        self.state_dir = state_dir
        self.operator = getpass.getuser()
        self.snapshot: Snapshot | None = None

    @cached_property
    def watch(self) -> "Watch":
        """The watch over the environment's sources; imports the clients that it needs."""
        from procedures.signals.build import watch_for

        return watch_for(self.environment, self.clock)

    @cached_property
    def ledger(self) -> "Ledger":
        """The record; raises LedgerError if it cannot be opened."""
        from procedures.ledger.sqlite_ledger import SqliteLedger
        from tui.settings.paths import ledger_path

        return SqliteLedger(ledger_path(self.state_dir), clock=self.clock)

    @cached_property
    def _catalogue(self) -> "Catalogue":
        from procedures.runbook.catalogue import load

        return load()

    async def catalogue(self) -> "Catalogue":
        """The procedures; parsed off the event loop when first asked for."""
        return await asyncio.to_thread(lambda: self._catalogue)

    async def open_incidents(self) -> "tuple[Incident, ...]":
        """Return this environment's open incidents, the most severe first."""
        from procedures.response.incidents import open_incidents

        def read() -> "tuple[Incident, ...]":
            events = self.ledger.events(kind_prefix="incident.")
            return open_incidents(events, self.environment.name)

        return await asyncio.to_thread(read)

    async def record(self, draft: "Draft") -> None:
        """Write one fact into the ledger."""
        await asyncio.to_thread(lambda: self.ledger.append(draft))

    async def start_walk(self, procedure: "Procedure", inputs: Mapping[str, str]) -> "Walk":
        """Begin a run; RunError or LedgerError if it cannot begin."""
        from procedures.execution.walk import Walk

        return await Walk.start(
            procedure,
            self.environment,
            inputs,
            ledger=await asyncio.to_thread(lambda: self.ledger),
            clock=self.clock,
            operator=self.operator,
            state_dir=self.state_dir,
            checks=self._checks,
        )

    async def resume_walk(self, run_id: str, procedure: "Procedure") -> "Walk":
        """Take up a run where it stands; RunError or LedgerError if it cannot be taken up."""
        from procedures.execution.walk import Walk

        return await Walk.resume(
            run_id,
            procedure,
            self.environment,
            ledger=await asyncio.to_thread(lambda: self.ledger),
            clock=self.clock,
            operator=self.operator,
            state_dir=self.state_dir,
            checks=self._checks,
        )

    @cached_property
    def _checks(self) -> "CheckRunner":
        from procedures.execution.build import checks_for

        return checks_for(self.environment, snapshot=lambda: self.watch.latest, clock=self.clock)

    async def close(self) -> None:
        """Stop watching and release the ledger, as far as they were used."""
        if "watch" in self.__dict__:
            await self.watch.aclose()
        if "ledger" in self.__dict__:
            await asyncio.to_thread(self.ledger.close)
