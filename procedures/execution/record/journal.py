"""One run between memory and ledger: nothing changes here that was not recorded there first."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from procedures.clock import Clock
from procedures.errors import LedgerConflictError, LedgerUnreachableError, RunError
from procedures.execution.record.console_names import where
from procedures.execution.record.late_facts import fitting
from procedures.execution.record.station import Station
from procedures.execution.run.fold import evolve, fold
from procedures.execution.run.run import Run, StepRecord
from procedures.execution.run.run_turns import require_going_on, require_open
from procedures.ledger.event import Draft, Event, foreseen

TAKING = frozenset({"run.taken", "approval.granted", "approval.refused"})
"""Decisions that are not the driver's alone."""


class Journal:
    """Records the turns of one run.

    Several consoles may have the same run open; one of them drives it. A *decision* is the
    driver's, and is refused when another console has recorded on the run since it was last read:
    whoever decides must have seen the present state. A *fact* is recorded by whoever sees it,
    unless another console has recorded it already; while a shared ledger does not answer, facts
    are kept on this machine, and decisions have to wait.
    """

    def __init__(self, run: Run, station: Station) -> None:
        self.run = run
        self.unshared = 0
        """How many facts of this run only this machine knows yet."""
        self._station = station
        self._turn = asyncio.Lock()
        self._others_act = False

    @property
    def clock(self) -> Clock:
        """What tells the time of this run."""
        return self._station.clock

    @property
    def drives(self) -> bool:
        """Whether this console may decide."""
        driver, station = self.run.driver, self._station
        return (driver.operator, driver.console) == (station.operator.name, station.console)

    def require_drives(self) -> None:
        """Raise RunError if this console may not decide."""
        if not self.drives:
            raise RunError(self._who_drives(), fix="Take the run over first")

    def require_going_on(self) -> None:
        """Raise RunError if no step can be decided on here and now, whichever it is."""
        require_open(self.run)
        require_going_on(self.run)
        self.require_drives()

    def step(self, step_id: str) -> StepRecord:
        """Return what is recorded of ``step_id``; RunError if the run has no such step."""
        record = self.run.step(step_id)
        if record is None:
            raise RunError(f"run {self.run.id} has no step {step_id}")
        return record

    async def decide(self, kind: str, body: Mapping[str, Any]) -> None:
        """Record a decision; RunError if it cannot be taken here and now."""
        async with self._turn:
            if kind not in TAKING:
                self.require_drives()
            try:
                await self._share()
                await self._append(kind, body)
            except LedgerConflictError as error:
                await self._reload()
                raise RunError(
                    f"another console has moved run {self.run.id} on",
                    fix="Look at its present state and decide again",
                ) from error

    async def note_fact(self, kind: str, body: Mapping[str, Any]) -> bool:
        """Record a fact; False if meanwhile another console's turn made it impossible."""
        async with self._turn:
            while True:
                try:
                    await self._share()
                    await self._append(kind, body)
                except LedgerConflictError:
                    await self._reload()
                except LedgerUnreachableError as error:
                    await self._keep(kind, body, doubtful=error.doubtful)
                    return True
                except RunError:
                    if self._others_act:
                        return False
                    raise
                else:
                    return True

    async def collect_unshared(self) -> None:
        """Find what another console of this machine kept of the run, and try to share it."""
        outbox = self._station.outbox
        if outbox is None:
            return
        async with self._turn:
            kept = await asyncio.to_thread(outbox.pending, subject=self.run.id)
            self.unshared = len(kept)
            await self._share()

    async def refresh(self) -> bool:
        """Read what other consoles have recorded, and share what they cannot know yet.

        Returns:
            Whether the run has moved on.
        """
        async with self._turn:
            before = self.run.last_seq, self.unshared
            await self._share()
            await self._reload()
            return before != (self.run.last_seq, self.unshared)

    async def _append(self, kind: str, body: Mapping[str, Any]) -> None:
        draft = self._draft(kind, body)
        evolve(self.run, self._foreseen(draft))  # an impossible turn is never recorded
        event = await asyncio.to_thread(self._station.ledger.append, draft, after=self.run.last_seq)
        self.run = evolve(self.run, event)

    async def _keep(self, kind: str, body: Mapping[str, Any], *, doubtful: str) -> None:
        outbox = self._station.outbox
        if outbox is None:
            raise RunError(
                f"{kind} of run {self.run.id} is not recorded: the shared ledger does not answer",
                fix="Wait until it does, then open the run again",
            )
        draft = self._draft(kind, body)
        event = self._foreseen(draft)
        after = evolve(self.run, event)
        await asyncio.to_thread(outbox.keep, draft, event.at, doubtful=doubtful)
        self.unshared += 1
        # Its place in the ledger is not known yet: the next append must not be misled.
        self.run = replace(after, last_seq=self.run.last_seq)

    async def _share(self) -> None:
        """Write what was kept; LedgerUnreachableError if the ledger still does not answer."""
        if not self.unshared or self._station.outbox is None:
            return
        ledger, outbox = self._station.ledger, self._station.outbox
        await asyncio.to_thread(outbox.deliver, ledger, subject=self.run.id, fit=fitting)
        self.unshared = 0
        await self._reload()

    async def _reload(self) -> None:
        ledger = self._station.ledger
        events = await asyncio.to_thread(ledger.events, subject=self.run.id)
        if events and events[-1].seq > self.run.last_seq:
            self._others_act = True
        self.run = fold(events)

    def _draft(self, kind: str, body: Mapping[str, Any]) -> Draft:
        return Draft(
            kind=kind,
            subject=self.run.id,
            environment=self.run.environment,
            operator=self._station.operator.name,
            body=body,
        )

    def _foreseen(self, draft: Draft) -> Event:
        return foreseen(draft, seq=self.run.last_seq + 1, at=self.clock.now())

    def _who_drives(self) -> str:
        driver = self.run.driver
        if not driver.console:
            return f"run {self.run.id} was handed over to {driver.operator}"
        return f"{driver.operator} drives run {self.run.id} from {where(driver.console)}"
