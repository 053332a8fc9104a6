"""One run between memory and ledger: nothing changes here that was not recorded there first."""

import asyncio
from collections.abc import Mapping
from typing import Any

from procedures.clock import Clock
from procedures.errors import LedgerConflictError, RunError
from procedures.execution.fold import evolve, fold
from procedures.execution.run import Run, StepRecord
from procedures.ledger.event import Draft, Event, Ledger


class Journal:
    """Records the turns of one run.

    Several consoles may have the same run open. A *decision* is refused when another console has
    recorded on the run since it was last read: whoever decides must have seen the present state.
    A *fact* is recorded all the same, unless another console has recorded it already.
    """

    def __init__(self, run: Run, *, ledger: Ledger, clock: Clock, operator: str) -> None:
        self.run = run
        self._ledger = ledger
        self.clock = clock
        self._operator = operator
        self._turn = asyncio.Lock()

    def step(self, step_id: str) -> StepRecord:
        """Return what is recorded of ``step_id``; RunError if the run has no such step."""
        record = self.run.step(step_id)
        if record is None:
            raise RunError(f"run {self.run.id} has no step {step_id}")
        return record

    async def decide(self, kind: str, body: Mapping[str, Any]) -> None:
        """Record a decision; RunError if the run cannot take that turn or has moved on."""
        async with self._turn:
            try:
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
            moved_on = False
            while True:
                try:
                    await self._append(kind, body)
                except LedgerConflictError:
                    await self._reload()
                    moved_on = True
                except RunError:
                    if moved_on:
                        return False
                    raise
                else:
                    return True

    async def refresh(self) -> None:
        """Read what other consoles have recorded."""
        async with self._turn:
            await self._reload()

    async def _append(self, kind: str, body: Mapping[str, Any]) -> None:
        draft = Draft(
            kind=kind,
            subject=self.run.id,
            environment=self.run.environment,
            operator=self._operator,
            body=body,
        )
        evolve(self.run, self._foreseen(draft))  # an impossible turn is never recorded
        event = await asyncio.to_thread(self._ledger.append, draft, after=self.run.last_seq)
        self.run = evolve(self.run, event)

    async def _reload(self) -> None:
        self.run = fold(await asyncio.to_thread(self._ledger.events, subject=self.run.id))

    def _foreseen(self, draft: Draft) -> Event:
        return Event(
            seq=self.run.last_seq + 1,
            at=self.clock.now(),
            kind=draft.kind,
            subject=draft.subject,
            environment=draft.environment,
            operator=draft.operator,
            body=draft.body,
            previous_hash="",
            hash="",
        )
