"""A step on its way: its command, then expected output and checks, then its wait."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

from procedures.errors import RunError
from procedures.execution.command import supervision
from procedures.execution.record.journal import Journal
from procedures.execution.record.station import Station
from procedures.execution.run.preparation import Prepared
from procedures.execution.run.run import Stage, StepStatus
from procedures.execution.walking import command_stage
from procedures.execution.walking.admission import Admission
from procedures.execution.walking.progress import Progress, StepBegan, StepEnded
from procedures.execution.walking.verification import Verification
from procedures.reference.levels import Level
from procedures.runbook.model import Step


class Execution:
    """Executes the steps of one run, one at a time.

    Args:
        variables: The environment of every command; it may hold secrets.
        secrets: Values to mask.
    """

    def __init__(
        self,
        journal: Journal,
        station: Station,
        admission: Admission,
        *,
        variables: Mapping[str, str],
        secrets: tuple[str, ...],
    ) -> None:
        self._journal = journal
        self._station = station
        self._admission = admission
        self._variables = variables
        self._secrets = secrets
        self._cancelled = asyncio.Event()
        self._busy = False

    async def execute(self, step: Step) -> AsyncGenerator[Progress, None]:
        """Take the step through all its stages, as far as it goes.

        A step that is running already is followed, not started again. Closing the iterator
        leaves the command running.
        """
        self._journal.require_drives()
        if self._busy:
            raise RunError(f"step {step.id} is being executed", fix="Wait for its end or cancel it")
        self._busy = True
        self._cancelled.clear()
        try:
            await self._begin(step)
            yield StepBegan(self._journal.step(step.id))
            async with aclosing(self._stages(step)) as stages:
                async for progress in stages:
                    yield progress
            yield StepEnded(self._journal.step(step.id))
        finally:
            self._busy = False

    async def cancel(self, step_id: str) -> None:
        """Stop the step's command (INT, TERM, KILL), or give up its checks or wait."""
        self._journal.require_drives()
        record = self._journal.step(step_id)
        if record.command_runs or record.runs_behind:
            await asyncio.to_thread(supervision.cancel, Path(record.folder))
        if not record.runs_behind:
            self._cancelled.set()

    async def _begin(self, step: Step) -> None:
        record = self._journal.step(step.id)
        if record.status is StepStatus.RUNNING:
            return
        self._journal.require_going_on()
        prepared = self._admission.admit(step)
        if not {Stage.COMMAND, Stage.CHECKS, Stage.WAIT} & {*record.remaining}:
            raise RunError(f"step {step.id} has nothing to execute", fix="Answer its items")
        if record.status is StepStatus.PENDING:
            if prepared.level is not Level.READ or prepared.ruling.second_person:
                raise RunError(f"step {step.id} is not confirmed", fix="Confirm it first")
            await self._admission.require_preconditions(step)
        if prepared.ruling.second_person:
            await self._require_still_approved(prepared)
        await command_stage.begin(
            self._journal,
            prepared,
            variables=self._variables,
            secrets=self._secrets,
            runs_dir=self._station.runs_dir,
            grace_s=self._station.pace.grace_s,
        )

    async def _require_still_approved(self, prepared: Prepared) -> None:
        """Raise RunError if the approval has expired since the step was confirmed."""
        try:
            self._admission.require_approval(prepared)
        except RunError:
            await self._journal.note_fact("step.lapsed", {"step": prepared.step.id})
            raise

    async def _stages(self, step: Step) -> AsyncGenerator[Progress, None]:
        if self._is_at(step, Stage.COMMAND):
            async for output in self.watch(step):
                yield output
        verification = Verification(
            self._journal,
            step,
            checks=self._station.checks,
            variables=self._variables,
            pace=self._station.pace,
            secrets=self._secrets,
            cancelled=self._cancelled,
        )
        if self._is_at(step, Stage.CHECKS):
            async for judged in verification.verify():
                yield judged
        if step.wait and self._is_at(step, Stage.WAIT):
            async for ticked in verification.soak(step.wait):
                yield ticked

    async def watch(self, step: Step) -> AsyncGenerator[Progress, None]:
        """Show what the command prints until it ends, whoever drives the run."""
        command = self._admission.prepare(step).command
        if command and command.interactive:
            async for printed in command_stage.follow_terminal(self._journal, step.id):
                yield printed
        else:
            async for output in command_stage.follow(self._journal, step.id, secrets=self._secrets):
                yield output

    def _is_at(self, step: Step, stage: Stage) -> bool:
        record = self._journal.step(step.id)
        if record.status is not StepStatus.RUNNING or stage not in record.remaining:
            return False
        return stage is Stage.COMMAND or not record.command_runs
