"""The turns of a run as a whole: notes, pauses, hand-overs, its way back, its end."""

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

from procedures.errors import RunError
from procedures.execution.record import consoles
from procedures.execution.record.evidence import keep
from procedures.execution.record.journal import Journal
from procedures.execution.record.runs import require_none_open
from procedures.execution.record.station import Station
from procedures.execution.run.bodies import outline_body
from procedures.execution.run.effects import standing_effects
from procedures.execution.run.fold import fold
from procedures.execution.run.run import Run, RunOutcome, Stage, StepRecord, StepStatus
from procedures.execution.run.way_back import not_undoable, undo_records
from procedures.execution.secrets.redaction import redact
from procedures.runbook.model import Procedure


class Course:
    """Where a run goes.

    Args:
        original: The document as it was when the run began; None if it is not known any more.
        secrets: Values to mask.
    """

    def __init__(
        self,
        journal: Journal,
        station: Station,
        *,
        original: Procedure | None,
        secrets: Sequence[str],
    ) -> None:
        self._journal = journal
        self._station = station
        self._original = original
        self._secrets = secrets

    async def note(self, text: str, *, step_id: str = "", evidence: Path | None = None) -> None:
        """Record words of an operator, perhaps with a file, which is copied into the record."""
        require_words(text, "Write a few words")
        body = {"text": self._masked(text), "step": step_id}
        if evidence is not None:
            folder = self._station.runs_dir / self._journal.run.id
            kept = await asyncio.to_thread(keep, evidence, folder, self._secrets)
            body |= {"evidence": kept.name, "sha256": kept.sha256}
        await self._journal.note_fact("run.noted", body)

    async def pause(self, reason: str) -> None:
        """Let the run stand still, for everybody; a running command goes on."""
        require_words(reason, "A pause needs a reason")
        await self._journal.decide("run.paused", {"reason": self._masked(reason)})

    async def go_on(self) -> None:
        """End the pause."""
        await self._journal.decide("run.resumed", {})
        await self.complete()  # its last command may have ended meanwhile

    async def hand_over(self, to: str, note: str = "") -> None:
        """Give the run to another operator, who takes it up at their own console."""
        require_words(to, "Name the operator, as the operating system knows them")
        body = {"to": to.strip(), "note": self._masked(note)}
        await self._journal.decide("run.handed-over", body)

    async def take_over(self, reason: str) -> None:
        """Drive the run from this console from now on; the other one follows."""
        require_words(reason, "Say why you take the run over")
        await self._take(self._masked(reason))

    async def take_if_vacant(self) -> None:
        """Drive the run if it is this operator's and no console holds it any more."""
        driver = self._journal.run.driver
        if driver.operator != self._station.operator.name or self._journal.drives:
            return
        if not driver.console:
            await self._take("handed over")
        elif consoles.has_ended(driver.console):
            await self._take("its console has ended")

    async def abort(self, reason: str) -> None:
        """End the run before its last step; what it did stands, see :meth:`go_back`."""
        require_words(reason, "An aborted run needs a reason")
        await self._journal.decide("run.aborted", {"reason": self._masked(reason)})

    def way_back(self, *, only: Collection[str] = ()) -> tuple[StepRecord, ...]:
        """Return the steps that :meth:`go_back` would take now; empty if none is written."""
        original = self._original
        return undo_records(self._journal.run, original, only=only) if original else ()

    def without_undo(self) -> tuple[str, ...]:
        """Return the ids of steps whose effect may stand and that no command undoes."""
        run, original = self._journal.run, self._original
        if original is None:
            return tuple(effect.step_id for effect in standing_effects(run))
        return not_undoable(run, original)

    async def go_back(
        self,
        reason: str,
        *,
        only: Collection[str] = (),
        goes_on: bool = False,
        insist: bool = False,
    ) -> None:
        """Begin the way back: undo what the run did, the last first, each step as any other.

        Args:
            reason: Why; it is recorded.
            only: Ids of the steps to undo; empty: all whose effect may stand.
            goes_on: Do afterwards what was undone once more, instead of ending the run.
            insist: Open an ended run again although another of its procedure is open.
        """
        require_words(reason, "Say why the run goes back")
        run = self._journal.run
        if not run.is_open and not insist:
            await require_none_open(self._station.ledger, run.environment, run.procedure_id)
        if self._original is None:
            raise RunError(
                f"the document {run.procedure_id} as it was when the run began is not here",
                fix="Go back on the machine where it began, or with a rollback procedure",
            )
        records = self.way_back(only=only)
        if not records:
            raise RunError(
                "no undo command is written for what this run did",
                fix="Undo it by hand, or with a rollback procedure",
            )
        if not self._journal.run.is_open and not self._journal.drives:
            # Nobody drives a run that has ended: whoever undoes it does.
            await self._take(self._masked(reason))
        body = {
            "reason": self._masked(reason),
            "goes_on": goes_on,
            "steps": [outline_body(record) for record in records],
        }
        await self.take_if_vacant()
        await self._journal.decide("rollback.begun", body)

    async def complete(self) -> None:
        """Record that the run, or its way back, has come to its end, if it has."""
        run = self._journal.run
        if not run.is_open or run.pause or run.current or run.behind:
            return
        goes_on = run.rolling_back is not None and run.rolling_back.goes_on
        await self._journal.note_fact("rollback.ended" if goes_on else "run.completed", {})
        if run.rolls_back and _took_all_back(self._journal.run):
            await self._tell_undone(run.rolls_back)

    async def _tell_undone(self, run_id: str) -> None:
        """Record on the run that this one takes back that its effects are gone."""
        events = await asyncio.to_thread(self._station.ledger.events, subject=run_id)
        undone = Journal(fold(events), self._station)
        await undone.note_fact("run.undone", {"by": self._journal.run.id})

    async def _take(self, reason: str) -> None:
        body = {"console": self._station.console, "reason": reason}
        await self._journal.decide("run.taken", body)

    def _masked(self, text: str) -> str:
        return redact(text, self._secrets)


def _took_all_back(run: Run) -> bool:
    """Tell whether a run that takes another one back did so: a command left out did not."""
    return run.outcome is RunOutcome.COMPLETED and not any(
        step.status is StepStatus.SKIPPED and Stage.COMMAND in step.stages for step in run.steps
    )


def require_words(text: str, demand: str) -> None:
    """Raise RunError if ``text`` says nothing; ``demand`` is the next move."""
    if not text.strip():
        raise RunError("nothing was said", fix=demand)
