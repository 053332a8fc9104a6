"""What the screens work with, built when first needed: nothing may delay the first paint."""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.errors import DocumentError
from procedures.execution.policy.identity import operator_here
from procedures.fleet.fleet import Fleet
from procedures.signals.values import Snapshot
from tui.settings.paths import ledger_path

if TYPE_CHECKING:
    from procedures.execution.record.approvals import Request
    from procedures.execution.record.station import Station
    from procedures.execution.run.run import Run
    from procedures.fleet.watch import FleetWatch
    from procedures.ledger.address import LedgerAddress
    from procedures.ledger.event import Draft, Ledger, Verification
    from procedures.library.commit import Commit
    from procedures.library.entry import Entry
    from procedures.library.library import Library, Shelf
    from procedures.response.incidents import Incident
    from procedures.runbook.documents import Document
    from procedures.runbook.model import Procedure
    from procedures.signals.watch import Watch
    from procedures.targets.watching import TargetWatch


class Services:
    """The environment's watch, ledger and library, and who uses them.

    Attributes:
        procedures: Directories of documents beside or instead of the shipped ones.
        snapshot: What the watch knows at this moment; None before it knows anything.
        library_index: File of the index of documents; None keeps it in memory.
        unread: How many documents have yet to be read.
        operator: The person at the keys, as the operating system knows them.
        policy: File of what the team allows; None for that of the machine.
        state_dir: Where the ledger and the folders of runs lie.
        fleet: Who is watched together; without environments there is nothing to choose from.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        clock: Clock,
        state_dir: Path,
        procedures: Sequence[Path] | None = None,
        library_index: Path | None = None,
        policy: Path | None = None,
        ledger: "LedgerAddress | None" = None,
        fleet: Fleet | None = None,
    ) -> None:
        self.fleet = fleet or Fleet()
        self._fleet_watch: FleetWatch | None = None
        self.environment = environment
        self.procedures = procedures
        self.library_index = library_index
        self.clock = clock
        self.state_dir = state_dir
        self.operator = operator_here()
        self.policy = policy
        self.ledger_address = ledger
        self._ledger: Ledger | None = None
        self._opening = Lock()
        self.snapshot: Snapshot | None = None
        self.unread = 0

    @cached_property
    def watch(self) -> "Watch":
        """The watch over the environment's sources; imports the clients that it needs."""
        from procedures.signals.build import watch_for

        return watch_for(self.environment, self.clock)

    @cached_property
    def target_watch(self) -> "TargetWatch":
        """The watch over the environment's deployments; imports the clients that it needs."""
        from procedures.targets.build import targets_for
        from procedures.targets.watching import TargetWatch

        return TargetWatch(targets_for(self.environment, self.clock), clock=self.clock)

    @property
    def has_fleet(self) -> bool:
        """Whether there is more to see than this one environment."""
        fleet = self.fleet
        others = fleet.environments.keys() - {self.environment.name}
        return bool(others) or fleet.settings.prometheus is not None

    async def fleet_watch(self) -> "FleetWatch":
        """Return the watch over the fleet; imports the clients that it needs, off the loop."""
        if self._fleet_watch is None:
            self._fleet_watch = await asyncio.to_thread(self._built_fleet_watch)
        return self._fleet_watch

    def _built_fleet_watch(self) -> "FleetWatch":
        from procedures.fleet.watch import FleetWatch

        return FleetWatch(self.fleet, self.clock)

    def look_at_fleet(self) -> None:
        """Ask the fleet's server now, if the fleet is being looked at."""
        if self._fleet_watch is not None:
            self._fleet_watch.look_now()

    @property
    def ledger(self) -> "Ledger":
        """The record; raises LedgerError if it cannot be opened."""
        from procedures.ledger.choose import open_ledger

        with self._opening:
            if self._ledger is None:
                path = ledger_path(self.state_dir)
                self._ledger = open_ledger(path, self.ledger_address, clock=self.clock)
            return self._ledger

    async def settle_record(self) -> "Verification":
        """Write what another console could not share, and verify what came since the last time.

        Raises:
            LedgerError: The record cannot be read.
        """
        return await asyncio.to_thread(self._settle_record)

    def _settle_record(self) -> "Verification":
        from procedures.execution.record.late_facts import fitting
        from procedures.ledger.choose import outbox_for, watermark_for
        from procedures.ledger.watermark import verify_since_last

        path = ledger_path(self.state_dir)
        if outbox := outbox_for(path, self.ledger_address):
            outbox.deliver(self.ledger, fit=fitting)
        return verify_since_last(self.ledger, watermark_for(path, self.ledger_address))

    @cached_property
    def _library(self) -> "Library":
        from procedures.library.library import Library
        from procedures.library.pages import pages
        from procedures.runbook.catalogue import SHIPPED

        places = (SHIPPED,) if self.procedures is None else self.procedures
        return Library(places, index=self.library_index, pages=pages())

    async def shelf(self) -> "Shelf":
        """Look at the documents without reading those that have changed."""
        shelf = await asyncio.to_thread(lambda: self._library.look())
        self.unread = shelf.unread
        return shelf

    async def read_some(self, for_s: float) -> "Shelf":
        """Read documents that are new or changed for about ``for_s`` seconds."""
        shelf = await asyncio.to_thread(lambda: self._library.read(for_s=for_s))
        self.unread = shelf.unread
        return shelf

    async def whole_shelf(self) -> "Shelf":
        """Return all documents, each read as it is now."""
        shelf = await asyncio.to_thread(lambda: self._library.read_all())
        self.unread = shelf.unread
        return shelf

    async def search(self, typed: str) -> "tuple[Entry, ...]":
        """Return the documents that the words and filters of ``typed`` ask for, best first."""
        from procedures.library.query import parse_query

        return await asyncio.to_thread(lambda: self._library.search(parse_query(typed)))

    async def document(self, entry: "Entry") -> "Document":
        """Read one document; DocumentError if it cannot be used."""
        return await asyncio.to_thread(lambda: self._library.open(entry))

    async def document_of(self, run: "Run") -> "Procedure":
        """Return the document of a run: as it is now, or as it was if it has no place any more.

        Raises:
            DocumentError: It cannot be read, or is not on this machine.
        """
        from procedures.execution.record.as_begun import recall

        entry = (await self.whole_shelf()).get(run.procedure_id)
        if entry is not None:
            return (await self.document(entry)).procedure
        folder = self.state_dir / "runs" / run.id
        kept = await asyncio.to_thread(recall, folder, run.digest)
        if kept is None:
            raise DocumentError(
                f"there is no procedure {run.procedure_id} any more",
                fix="Put the document back, or abort the run with the command line",
            )
        return kept

    async def present(self, procedure: "Procedure") -> "Procedure":
        """Return a procedure of the shelf as its file is now; any other as it is.

        Raises:
            DocumentError: The file cannot be used any more.
        """
        entry = (await self.shelf()).get(procedure.id)
        if entry is None or entry.path != procedure.path:
            return procedure
        return (await self.document(entry)).procedure

    def page(self, entry: "Entry") -> str:
        """Return the Markdown of a reference page; empty for any other document."""
        page = self._library.page(entry)
        return page.markdown if page else ""

    async def last_commit(self, path: Path) -> "Commit | None":
        """Return who changed a document last, where Git knows."""
        from procedures.library.commits import last_commit

        return await asyncio.to_thread(last_commit, path)

    async def open_incidents(self) -> "tuple[Incident, ...]":
        """Return this environment's open incidents, the most severe first."""
        from procedures.response.incidents import open_incidents

        def read() -> "tuple[Incident, ...]":
            events = self.ledger.events(kind_prefix="incident.")
            return open_incidents(events, self.environment.name)

        return await asyncio.to_thread(read)

    async def open_requests(self) -> "tuple[Request, ...]":
        """Return what waits for a second person here, as far as this operator may give a word."""
        from procedures.execution.record.approvals import open_requests

        def read() -> "tuple[Request, ...]":
            requests = open_requests(self.ledger, self.environment.name, self.clock.now())
            return tuple(r for r in requests if r.approval.asked_by != self.operator.name)

        return await asyncio.to_thread(read)

    async def runs(self, limit: int) -> "Sequence[Run]":
        """Return the latest runs of this environment, ended ones too, the last begun first."""
        from procedures.execution.record.run_list import list_runs

        def read() -> "Sequence[Run]":
            listed = list_runs(
                self.ledger, environment=self.environment.name, ended_too=True, limit=limit
            )
            return tuple(each.run for each in listed if each.run is not None)

        return await asyncio.to_thread(read)

    async def record(self, draft: "Draft") -> None:
        """Write one fact into the ledger."""
        await asyncio.to_thread(lambda: self.ledger.append(draft))

    async def station(self) -> "Station":
        """Return what every walk of this console needs.

        Raises:
            LedgerError: The record cannot be opened.
            PolicyError: Nobody knows what may be run.
        """
        return await asyncio.to_thread(lambda: self._station)

    @cached_property
    def _station(self) -> "Station":
        from procedures.ledger.choose import outbox_for
        from tui.station import bearings_in, station_in

        bearings = bearings_in(
            self.environment,
            operator=self.operator,
            clock=self.clock,
            snapshot=lambda: self.watch.latest,
            policy=self.policy,
            address=self.ledger_address,
            targets=lambda: self.target_watch.targets,
        )
        return station_in(
            bearings,
            ledger=self.ledger,
            outbox=outbox_for(ledger_path(self.state_dir), self.ledger_address),
            state_dir=self.state_dir,
        )

    async def close(self) -> None:
        """Stop watching and release the ledger, as far as they were used."""
        if "watch" in self.__dict__:
            await self.watch.aclose()
        if "target_watch" in self.__dict__:
            await self.target_watch.aclose()
        if self._fleet_watch is not None:
            await self._fleet_watch.aclose()
        if "_library" in self.__dict__:
            await asyncio.to_thread(self._library.close)
        if self._ledger is not None:
            await asyncio.to_thread(self._ledger.close)
