"""Walking a procedure: every turn an operator can take, each recorded before it shows."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from pathlib import Path

from procedures.environment import Environment
from procedures.errors import RunError
from procedures.execution.command import supervision
from procedures.execution.record import as_begun
from procedures.execution.record.journal import Journal
from procedures.execution.record.runs import begin_run
from procedures.execution.record.station import Station
from procedures.execution.run.fold import fold
from procedures.execution.run.preparation import Prepared, load_analysis
from procedures.execution.run.run import CheckResult, Run, Stage, StepStatus
from procedures.execution.run.way_back import undo_step
from procedures.execution.secrets.redaction import redact
from procedures.execution.variables import public_inputs, secret_inputs, validate_inputs
from procedures.execution.walking import command_stage
from procedures.execution.walking.admission import Admission
from procedures.execution.walking.course import Course, require_words
from procedures.execution.walking.executing import Execution
from procedures.execution.walking.progress import Progress
from procedures.runbook.model import Procedure, Step
from procedures.targets.variables import step_variables


class Walk:
    """One console's hold on one run; others may have the same run open.

    Begin with :meth:`start` or :meth:`resume`. Every turn that cannot be taken raises RunError
    and changes nothing; every method may raise LedgerError. Only the console that drives the run
    can decide; the others follow, and may take over.

    Attributes:
        procedure: The document as it is now; see :attr:`document_changed`.
        course: The turns of the run as a whole: pause, hand over, abort, go back.
    """

    secrets_missing: tuple[str, ...] = ()
    """Names of secret inputs that this console does not know; steps that need them must wait."""

    def __init__(
        self,
        procedure: Procedure,
        environment: Environment,
        run: Run,
        station: Station,
        *,
        secrets: Mapping[str, str],
        original: Procedure | None,
    ) -> None:
        self.procedure = procedure
        self._original = original
        self._environment = environment
        self._station = station
        self._journal = Journal(run, station)
        self._seen = run.last_seq
        variables = step_variables(environment, {**run.inputs, **secrets})
        masked = (*station.secrets, *secrets.values())
        self._secrets = masked
        self.course = Course(self._journal, station, original=original, secrets=masked)
        self._admission = Admission(
            self._journal, environment, station, variables=variables, secrets=masked
        )
        self._execution = Execution(
            self._journal, station, self._admission, variables=variables, secrets=masked
        )

    @classmethod
    async def start(
        cls,
        procedure: Procedure,
        environment: Environment,
        inputs: Mapping[str, str],
        *,
        station: Station,
        insist: bool = False,
        begin_at: str = "",
        reason: str = "",
        rolls_back: str = "",
    ) -> "Walk":
        """Begin a new run.

        Args:
            procedure: What to walk.
            environment: Where.
            inputs: Values by name; the document's defaults complete them.
            station: Who begins it, and with what.
            insist: Begin although a run of this procedure is open in this environment.
            begin_at: Id of the step to begin at; those before it are recorded as skipped.
            reason: Why not at the first step.
            rolls_back: Id of the run whose effects this one takes back.
        """
        accepted = validate_inputs(procedure, inputs)
        if environment.method not in procedure.methods:
            raise RunError(
                f"{procedure.id} is not written for {environment.method.value}",
                fix="Choose a procedure for this deployment method",
            )
        if begin_at:
            require_words(reason, "Say why the run does not begin at its first step")
            _step_of(procedure, begin_at)
        await asyncio.to_thread(load_analysis)
        secret = secret_inputs(procedure, accepted)
        run = await begin_run(
            procedure,
            environment,
            public_inputs(procedure, accepted),
            station=station,
            insist=insist,
            begin_at=begin_at,
            reason=redact(reason, (*station.secrets, *secret.values())),
            rolls_back=rolls_back,
        )
        return cls(
            procedure,
            environment,
            run,
            station,
            secrets=secret,
            original=procedure,
        )

    @classmethod
    async def resume(
        cls,
        run_id: str,
        procedure: Procedure,
        environment: Environment,
        *,
        station: Station,
        secrets: Mapping[str, str] | None = None,
    ) -> "Walk":
        """Take up a run where it stands, whatever became of the console that left it.

        A command that still runs can be executed again to follow it; one that ended meanwhile is
        recorded now; one of which nothing is known is in doubt. A confirmation that was not used
        has lapsed. Where another console drives the run, this one follows.

        Args:
            run_id: Which run.
            procedure: Its document.
            environment: Where it is walked.
            station: Who takes it up, and with what.
            secrets: Values of its secret inputs, which no run keeps; see :attr:`secrets_missing`.
        """
        await asyncio.to_thread(load_analysis)
        run = fold(await asyncio.to_thread(station.ledger.events, subject=run_id))
        _require_same(run, procedure, environment)
        original: Procedure | None = procedure
        if procedure.digest != run.digest:
            folder = station.runs_dir / run.id
            original = await asyncio.to_thread(as_begun.recall, folder, run.digest)
        # A recorded input stays what it is: nothing else may reach a command than what is shown.
        given = secret_inputs(procedure, secrets or {})
        walk = cls(procedure, environment, run, station, secrets=given, original=original)
        walk.secrets_missing = tuple(
            name for name, asked in procedure.inputs.items() if asked.secret and name not in given
        )
        await walk._take_up()
        return walk

    @property
    def run(self) -> Run:
        """What the ledger says of the run."""
        return self._journal.run

    @property
    def drives(self) -> bool:
        """Whether this console may decide; else it follows."""
        return self._journal.drives

    @property
    def unshared(self) -> int:
        """How many facts of this run only this machine knows, for want of the shared ledger."""
        return self._journal.unshared

    @property
    def document_changed(self) -> bool:
        """Whether the document is another one than when the run began; it then goes only back."""
        return self.procedure.digest != self.run.digest

    def step(self, step_id: str) -> Step:
        """Return the step as it is executed: of the document, or of a way back."""
        record = self._journal.step(step_id)
        if not record.undoes:
            return _step_of(self.procedure, step_id)
        if self._original is None:
            raise RunError(
                f"the document {self.procedure.id} as it was when the run began is not here",
                fix="Open the run on the machine where it began, or undo the step by hand",
            )
        return undo_step(record, self._original, self.run.method)

    def prepare(self, step_id: str) -> Prepared:
        """Return what there is to know of a step before deciding on it."""
        return self._admission.prepare(self.step(step_id))

    def admit(self, step_id: str) -> Prepared:
        """Return the step prepared; RunError if it may not run here and now at all."""
        return self._admission.admit(self._walkable(step_id))

    async def preconditions(self, step_id: str) -> tuple[CheckResult, ...]:
        """Judge the step's preconditions now."""
        return await self._admission.preconditions(self.step(step_id))

    async def request_approval(self, step_id: str) -> None:
        """Ask a second person for the step, where the policy wants one."""
        await self._admission.request_approval(self._walkable(step_id))

    async def confirm(self, step_id: str, typed: str = "", *, override: str = "") -> None:
        """Confirm the step's command as :meth:`prepare` shows it now.

        Args:
            step_id: The step that is next.
            typed: The name of what will be affected, for a destructive command.
            override: Why to go on although a precondition fails; it is recorded.
        """
        await self._admission.confirm(self._walkable(step_id), typed, override)

    async def execute(self, step_id: str) -> AsyncGenerator[Progress, None]:
        """Take the step through command, expected output, checks and wait, as far as it goes.

        A step that is running already is followed, not started again. Closing the iterator
        leaves the command running.
        """
        step = self.step(step_id)
        if self._journal.step(step_id).status is not StepStatus.RUNNING:
            step = self._walkable(step_id)
        async with aclosing(self._execution.execute(step)) as progress:
            async for each in progress:
                yield each
        await self.course.complete()

    async def watch(self, step_id: str) -> AsyncGenerator[Progress, None]:
        """Show what the step's command prints until it ends; whoever drives takes the step on."""
        async with aclosing(self._execution.watch(self.step(step_id))) as progress:
            async for each in progress:
                yield each

    async def output(self, step_id: str) -> str:
        """Return what the step's command printed so far, clean and without secrets."""
        record = self._journal.step(step_id)
        if not record.folder:
            return ""
        return await command_stage.output_of(record, self._secrets)

    async def cancel(self, step_id: str) -> None:
        """Stop the step's command (INT, TERM, KILL), or give up its checks or wait."""
        await self._execution.cancel(step_id)

    async def type_keys(self, step_id: str, data: bytes) -> None:
        """Hand keys to a command that asks questions of its own; they are not recorded."""
        self._journal.require_drives()
        folder = Path(self._journal.step(step_id).folder)
        await asyncio.to_thread(supervision.type_keys, folder, data)

    async def resize(self, step_id: str, rows: int, columns: int) -> None:
        """Tell a command on a terminal how large it is; that is its driver's terminal."""
        if not self.drives:
            return
        folder = Path(self._journal.step(step_id).folder)
        await asyncio.to_thread(supervision.resize, folder, rows, columns)

    async def tick(self, step_id: str, item: int) -> None:
        """Tick a manual item, counted from 0."""
        await self._answer("step.ticked", {"step": step_id, "item": item, "on": True})

    async def untick(self, step_id: str, item: int) -> None:
        """Take a tick back, while the step is not over."""
        await self._answer("step.ticked", {"step": step_id, "item": item, "on": False})

    async def choose(self, step_id: str, choice: int) -> None:
        """Take one of the step's ways out, counted from 0."""
        choices = self.step(step_id).choices
        if not 0 <= choice < len(choices):
            raise RunError(f"step {step_id} has no choice {choice + 1}")
        chosen = choices[choice]
        await self._answer(
            "step.chosen",
            {"step": step_id, "choice": choice, "label": chosen.label, "target": chosen.target},
        )

    async def skip(self, step_id: str, reason: str) -> None:
        """Leave a step out; the reason is recorded."""
        require_words(reason, "A skipped step needs a reason")
        await self._answer("step.skipped", {"step": step_id, "reason": self._masked(reason)})

    async def retry(self, step_id: str, *, recheck: bool = False) -> None:
        """Make a failed step ready again: whole, or from its checks on without its command."""
        await self._journal.decide("step.retried", {"step": step_id, "recheck": recheck})

    async def resolve_doubt(self, step_id: str, passed: bool, note: str) -> None:
        """Say how a command ended whose end nobody recorded; its checks still have to hold."""
        require_words(note, "Say how you found out")
        await self._answer(
            "step.doubt-resolved",
            {"step": step_id, "passed": passed, "note": self._masked(note)},
        )

    async def refresh(self) -> bool:
        """Look at what happened elsewhere: other consoles, and commands in the background.

        Returns:
            Whether the run has moved on.
        """
        before = self.run
        await self._journal.refresh()
        await command_stage.record_ends_behind(self._journal)
        if self.drives:
            await self.course.complete()
        return self.run != before

    async def follow(self, timeout_s: float) -> bool:
        """Wait until the run moves on; False if it did not within that time."""
        ledger = self._station.ledger
        if await asyncio.to_thread(ledger.wait, self._seen, timeout_s):
            # What was recorded meanwhile may belong to another run: it is not waited for again.
            self._seen = (await asyncio.to_thread(ledger.mark)).seq
        elif not self.run.behind and not self.unshared:
            return False
        return await self.refresh()

    async def _take_up(self) -> None:
        if not self.run.is_open:
            return
        await self._journal.collect_unshared()
        with suppress(RunError):  # another console of this operator was quicker, and drives now
            await self.course.take_if_vacant()
        current = self.run.current
        if current and current.status is StepStatus.CONFIRMED and self.drives:
            await self._journal.note_fact("step.lapsed", {"step": current.id})
        if current and current.command_runs:
            await command_stage.record_end(self._journal, current.id)
        await command_stage.record_ends_behind(self._journal)
        if self.drives:
            await self.course.complete()

    async def _answer(self, kind: str, body: Mapping[str, object]) -> None:
        await self._journal.decide(kind, body)
        await self.course.complete()

    def _walkable(self, step_id: str) -> Step:
        """Return the step if the run may go on with it."""
        if self.document_changed and not self.run.rolling_back:
            raise RunError(
                f"the document {self.procedure.id} has changed since this run began",
                fix="Undo what it did or abort it, and start a new run",
            )
        step = self.step(step_id)
        command = step.command_for(self._environment.method)
        missing = [name for name in self.secrets_missing if command and f"{name}" in command.script]
        if missing and Stage.COMMAND in self._journal.step(step_id).remaining:
            raise RunError(
                f"step {step_id} needs {', '.join(missing)}, which no run keeps",
                fix="Open the run again and give the secret once more",
            )
        return step

    def _masked(self, text: str) -> str:
        return redact(text, self._secrets)


def _step_of(procedure: Procedure, step_id: str) -> Step:
    step = next((step for step in procedure.steps if step.id == step_id), None)
    if step is None:
        raise RunError(f"{procedure.id} has no step {step_id}")
    return step


def _require_same(run: Run, procedure: Procedure, environment: Environment) -> None:
    asked = (procedure.id, environment.name, environment.method)
    if asked != (run.procedure_id, run.environment, run.method):
        raise RunError(
            f"run {run.id} walks {run.procedure_id} on {run.environment} ({run.method.value})",
            fix="Open it there",
        )
