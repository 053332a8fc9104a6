"""Walking a procedure: every turn an operator can take, each recorded before it shows."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.errors import RunError
from procedures.execution import command_stage, supervision
from procedures.execution.bodies import results_body
from procedures.execution.fold import fold
from procedures.execution.journal import Journal
from procedures.execution.policy import Confirmation, require_permitted, require_runnable
from procedures.execution.preparation import Prepared, load_analysis, prepare
from procedures.execution.progress import Progress, StepBegan, StepEnded
from procedures.execution.redaction import redact
from procedures.execution.run import CheckResult, Run, RunOutcome, Stage, StepStatus
from procedures.execution.runs import begin_run, open_runs
from procedures.execution.variables import validate_inputs
from procedures.execution.verification import Checks, Pace, Verification
from procedures.ledger.event import Ledger
from procedures.reference.levels import Level
from procedures.runbook.model import Procedure, Step
from procedures.targets.variables import step_variables

__all__ = ["Walk", "open_runs"]


class Walk:
    """One operator's hold on one run; others may have the same run open.

    Begin with :meth:`start` or :meth:`resume`. Every turn that cannot be taken raises RunError
    and changes nothing; every method may raise LedgerError.

    Attributes:
        procedure: The document as it is now; see :attr:`document_changed`.
    """

    def __init__(
        self,
        procedure: Procedure,
        environment: Environment,
        journal: Journal,
        *,
        checks: Checks,
        state_dir: Path,
        secrets: Sequence[str] = (),
        pace: Pace | None = None,
    ) -> None:
        self.procedure = procedure
        self._environment = environment
        self._journal = journal
        self._checks = checks
        self._runs_dir = state_dir / "runs"
        self._secrets = tuple(secrets)
        self._pace = pace or Pace()
        self._cancelled = asyncio.Event()
        self._executing = False

    @classmethod
    async def start(
        cls,
        procedure: Procedure,
        environment: Environment,
        inputs: Mapping[str, str],
        *,
        ledger: Ledger,
        clock: Clock,
        operator: str,
        state_dir: Path,
        checks: Checks,
        insist: bool = False,
        secrets: Sequence[str] = (),
        pace: Pace | None = None,
    ) -> "Walk":
        """Begin a new run.

        Args:
            procedure: What to walk.
            environment: Where.
            inputs: Values by name; the document's defaults complete them.
            ledger: Where every turn is recorded.
            clock: What tells the time.
            operator: Who, as the operating system names them.
            state_dir: Keeps the folders of commands, under ``runs``.
            checks: What judges assertions.
            insist: Begin although a run of this procedure is open in this environment.
            secrets: Values to mask wherever they appear.
            pace: How patient to be.
        """
        accepted = validate_inputs(procedure, inputs)
        if environment.method not in procedure.methods:
            raise RunError(
                f"{procedure.id} is not written for {environment.method.value}",
                fix="Choose a procedure for this deployment method",
            )
        await asyncio.to_thread(load_analysis)
        run = await begin_run(
            procedure,
            environment,
            accepted,
            ledger=ledger,
            clock=clock,
            operator=operator,
            insist=insist,
        )
        journal = Journal(run, ledger=ledger, clock=clock, operator=operator)
        return cls(
            procedure,
            environment,
            journal,
            checks=checks,
            state_dir=state_dir,
            secrets=secrets,
            pace=pace,
        )

    @classmethod
    async def resume(
        cls,
        run_id: str,
        procedure: Procedure,
        environment: Environment,
        *,
        ledger: Ledger,
        clock: Clock,
        operator: str,
        state_dir: Path,
        checks: Checks,
        secrets: Sequence[str] = (),
        pace: Pace | None = None,
    ) -> "Walk":
        """Take up a run where it stands, whatever became of the console that left it.

        A command that still runs can be executed again to follow it; one that ended meanwhile is
        recorded now; one of which nothing is known is in doubt. A confirmation that was not used
        has lapsed.
        """
        await asyncio.to_thread(load_analysis)
        run = fold(await asyncio.to_thread(ledger.events, subject=run_id))
        _require_same(run, procedure, environment)
        journal = Journal(run, ledger=ledger, clock=clock, operator=operator)
        walk = cls(
            procedure,
            environment,
            journal,
            checks=checks,
            state_dir=state_dir,
            secrets=secrets,
            pace=pace,
        )
        await walk._take_up()
        return walk

    @property
    def run(self) -> Run:
        """What the ledger says of the run."""
        return self._journal.run

    @property
    def document_changed(self) -> bool:
        """Whether the document is another one than when the run began; it then only ends."""
        return self.procedure.digest != self.run.digest

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of every command; it may hold secrets."""
        return step_variables(self._environment, self.run.inputs)

    def prepare(self, step_id: str) -> Prepared:
        """Return what there is to know of a step before deciding on it."""
        return prepare(self._step(step_id), self._environment, self.run.inputs, self._secrets)

    def admit(self, step_id: str) -> Prepared:
        """Return the step prepared; RunError if it may not run here and now at all."""
        if self.document_changed:
            raise RunError(
                f"the document {self.procedure.id} has changed since this run began",
                fix="Abort this run and start a new one",
            )
        prepared = self.prepare(step_id)
        require_permitted(prepared.level, self._environment)
        require_runnable(prepared.command)
        return prepared

    async def preconditions(self, step_id: str) -> tuple[CheckResult, ...]:
        """Judge the step's preconditions now."""
        results = [
            await self._checks.check(assertion, self.variables)
            for assertion in self._step(step_id).preconditions
        ]
        return tuple(results)

    async def confirm(self, step_id: str, typed: str = "", *, override: str = "") -> None:
        """Confirm the step's command as :meth:`prepare` shows it now.

        Args:
            step_id: The step that is next.
            typed: The name of what will be affected, for a destructive command.
            override: Why to go on although a precondition fails; it is recorded.
        """
        prepared = self.admit(step_id)
        wanted = prepared.confirm_word
        if prepared.confirmation is Confirmation.TYPED and typed.strip() != wanted:
            raise RunError(f"step {step_id} is not confirmed", fix=f"Type {wanted} to confirm it")
        await self._require_preconditions(step_id, override)
        await self._journal.decide(
            "step.confirmed",
            {"step": step_id, "level": prepared.level.value, "binding": prepared.binding},
        )

    async def execute(self, step_id: str) -> AsyncGenerator[Progress, None]:
        """Take the step through command, expected output, checks and wait, as far as it goes.

        A step that is running already is followed, not started again. Closing the iterator
        leaves the command running.
        """
        if self._executing:
            raise RunError(f"step {step_id} is being executed", fix="Wait for its end or cancel it")
        self._executing = True
        self._cancelled.clear()
        try:
            await self._begin(step_id)
            yield StepBegan(self._journal.step(step_id))
            async with aclosing(self._stages(step_id)) as stages:
                async for progress in stages:
                    yield progress
            await self._complete()
            yield StepEnded(self._journal.step(step_id))
        finally:
            self._executing = False

    async def output(self, step_id: str) -> str:
        """Return what the step's command printed so far, clean and without secrets."""
        record = self._journal.step(step_id)
        if not record.folder:
            return ""
        return await command_stage.output_of(record, self._secrets)

    async def cancel(self, step_id: str) -> None:
        """Stop the step's command (INT, TERM, KILL), or give up its checks or wait."""
        record = self._journal.step(step_id)
        if record.command_runs:
            await asyncio.to_thread(supervision.cancel, Path(record.folder))
        self._cancelled.set()

    async def tick(self, step_id: str, item: int) -> None:
        """Tick a manual item, counted from 0."""
        await self._answer("step.ticked", {"step": step_id, "item": item, "on": True})

    async def untick(self, step_id: str, item: int) -> None:
        """Take a tick back, while the step is not over."""
        await self._answer("step.ticked", {"step": step_id, "item": item, "on": False})

    async def choose(self, step_id: str, choice: int) -> None:
        """Take one of the step's ways out, counted from 0."""
        choices = self._step(step_id).choices
        if not 0 <= choice < len(choices):
            raise RunError(f"step {step_id} has no choice {choice + 1}")
        chosen = choices[choice]
        await self._answer(
            "step.chosen",
            {"step": step_id, "choice": choice, "label": chosen.label, "target": chosen.target},
        )

    async def skip(self, step_id: str, reason: str) -> None:
        """Leave a step out; the reason is recorded."""
        _require_words(reason, "A skipped step needs a reason")
        await self._answer("step.skipped", {"step": step_id, "reason": self._masked(reason)})

    async def retry(self, step_id: str, *, recheck: bool = False) -> None:
        """Make a failed step ready again: whole, or from its checks on without its command."""
        await self._journal.decide("step.retried", {"step": step_id, "recheck": recheck})

    async def resolve_doubt(self, step_id: str, passed: bool, note: str) -> None:
        """Say how a command ended whose end nobody recorded; its checks still have to hold."""
        _require_words(note, "Say how you found out")
        await self._answer(
            "step.doubt-resolved",
            {"step": step_id, "passed": passed, "note": self._masked(note)},
        )

    async def note(self, text: str) -> None:
        """Record words of the operator."""
        await self._journal.note_fact("run.noted", {"text": self._masked(text)})

    async def abort(self, reason: str) -> None:
        """End the run before its last step."""
        _require_words(reason, "An aborted run needs a reason")
        await self._journal.decide("run.aborted", {"reason": self._masked(reason)})

    async def refresh(self) -> None:
        """Read what other consoles have recorded on this run."""
        await self._journal.refresh()

    async def _take_up(self) -> None:
        current = self.run.current
        if self.run.outcome is not RunOutcome.OPEN:
            return
        if current and current.status is StepStatus.CONFIRMED:
            await self._journal.note_fact("step.lapsed", {"step": current.id})
        if current and current.command_runs:
            await command_stage.record_end(self._journal, current.id)
        await self._complete()

    async def _begin(self, step_id: str) -> None:
        record = self._journal.step(step_id)
        if record.status is StepStatus.RUNNING:
            return
        prepared = self.admit(step_id)
        if not {Stage.COMMAND, Stage.CHECKS, Stage.WAIT} & {*record.remaining}:
            raise RunError(f"step {step_id} has nothing to execute", fix="Answer its items")
        if record.status is StepStatus.PENDING:
            if prepared.level is not Level.READ:
                raise RunError(f"step {step_id} is not confirmed", fix="Confirm it first")
            await self._require_preconditions(step_id, "")
        await command_stage.begin(
            self._journal,
            prepared,
            variables=self.variables,
            runs_dir=self._runs_dir,
            grace_s=self._pace.grace_s,
        )

    async def _stages(self, step_id: str) -> AsyncGenerator[Progress, None]:
        if self._is_at(step_id, Stage.COMMAND):
            async for output in command_stage.follow(self._journal, step_id, secrets=self._secrets):
                yield output
        step = self._step(step_id)
        verification = Verification(
            self._journal,
            step,
            checks=self._checks,
            variables=self.variables,
            pace=self._pace,
            secrets=self._secrets,
            cancelled=self._cancelled,
        )
        if self._is_at(step_id, Stage.CHECKS):
            async for judged in verification.verify():
                yield judged
        if step.wait and self._is_at(step_id, Stage.WAIT):
            async for ticked in verification.soak(step.wait):
                yield ticked

    def _is_at(self, step_id: str, stage: Stage) -> bool:
        record = self._journal.step(step_id)
        if record.status is not StepStatus.RUNNING or stage not in record.remaining:
            return False
        return stage is Stage.COMMAND or not record.command_runs

    async def _require_preconditions(self, step_id: str, override: str) -> None:
        results = await self.preconditions(step_id)
        failed = [result for result in results if result.passed is not True]
        if not failed:
            return
        if not override.strip():
            raise RunError(
                "; ".join(f"{result.text}: {result.detail}" for result in failed),
                fix=f"Make it true, or give a reason to execute step {step_id} regardless",
            )
        await self._journal.decide(
            "step.overridden",
            {"step": step_id, "reason": self._masked(override), "results": results_body(results)},
        )

    async def _answer(self, kind: str, body: Mapping[str, object]) -> None:
        await self._journal.decide(kind, body)
        await self._complete()

    async def _complete(self) -> None:
        if self.run.outcome is RunOutcome.OPEN and self.run.current is None:
            await self._journal.note_fact("run.completed", {})

    def _step(self, step_id: str) -> Step:
        step = next((step for step in self.procedure.steps if step.id == step_id), None)
        if step is None:
            raise RunError(f"{self.procedure.id} has no step {step_id}")
        return step

    def _masked(self, text: str) -> str:
        return redact(text, self._secrets)


def _require_same(run: Run, procedure: Procedure, environment: Environment) -> None:
    asked = (procedure.id, environment.name, environment.method)
    if asked != (run.procedure_id, run.environment, run.method):
        raise RunError(
            f"run {run.id} walks {run.procedure_id} on {run.environment} ({run.method.value})",
            fix="Open it there",
        )


def _require_words(text: str, demand: str) -> None:
    if not text.strip():
        raise RunError("nothing was said", fix=demand)
