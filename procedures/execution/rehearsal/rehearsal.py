"""A rehearsal of a run: commands are shown, checks are asked for real, nothing is changed.

No command of a step is executed and nothing is recorded. What is asked are the assertions of the
document, which only read: a request by GET, a tool that lists or prints logs, a look at this
machine.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from procedures.clock import Clock
from procedures.environment import Environment
from procedures.errors import RunError
from procedures.execution.policy.policy import Operator, Policy
from procedures.execution.record.station import Checks
from procedures.execution.rehearsal.dry_run import (
    DryCheck,
    DryCommand,
    DryRun,
    DryStep,
    Obstacle,
    Stop,
    first_stop,
)
from procedures.execution.run.preparation import Prepared, load_analysis, prepare
from procedures.execution.secrets.redaction import REDACTED, redact
from procedures.execution.variables import referenced, validate_inputs
from procedures.runbook.assertions import Assertion
from procedures.runbook.model import Procedure, Step
from procedures.targets.variables import step_variables

_AT_ONCE = 8
"""Checks that are asked at the same time."""


async def rehearse(
    procedure: Procedure,
    environment: Environment,
    inputs: Mapping[str, str],
    *,
    operator: Operator,
    policy: Policy,
    checks: Checks,
    clock: Clock,
    secrets: Sequence[str] = (),
    begin_at: str = "",
) -> DryRun:
    """Return what a run would do; RunError if the document is not for this deployment at all.

    Args:
        procedure: What would be walked.
        environment: Where.
        inputs: Values by name; a missing one shows as what would stop the run. No secret is needed.
        operator: Who would walk it.
        policy: What the team allows.
        checks: What judges assertions.
        clock: What tells the time.
        secrets: Values to mask.
        begin_at: Id of the first step that would not be skipped; empty for the first of all.
    """
    if environment.method not in procedure.methods:
        raise RunError(
            f"{procedure.id} is not written for {environment.method.value}",
            fix="Choose a procedure for this deployment method",
        )
    if begin_at and begin_at not in {step.id for step in procedure.steps}:
        raise RunError(f"{procedure.id} has no step {begin_at}")
    known, problem = _inputs(procedure, inputs)
    rehearsal = _Rehearsal(
        environment,
        known,
        hidden=frozenset(name for name, asked in procedure.inputs.items() if asked.secret),
        procedure_id=procedure.id,
        operator=operator,
        policy=policy,
        checks=checks,
        clock=clock,
        secrets=secrets,
    )
    steps = await rehearsal.steps(procedure, begin_at)
    shown = {name: redact(value, secrets) for name, value in known.items() if value != REDACTED}
    return DryRun(
        procedure_id=procedure.id,
        title=procedure.title,
        environment=environment,
        operator=operator,
        at=clock.now(),
        inputs=shown,
        steps=steps,
        stop=Stop(obstacle=Obstacle.INPUTS, what=problem) if problem else first_stop(steps),
    )


class _Rehearsal:
    """Looks at the steps of one document, one after the other, and asks its checks at once."""

    def __init__(
        self,
        environment: Environment,
        inputs: Mapping[str, str],
        *,
        hidden: Collection[str],
        procedure_id: str,
        operator: Operator,
        policy: Policy,
        checks: Checks,
        clock: Clock,
        secrets: Sequence[str],
    ) -> None:
        self._environment = environment
        self._inputs = inputs
        self._hidden = hidden
        self._procedure_id = procedure_id
        self._operator = operator
        self._policy = policy
        self._checks = checks
        self._clock = clock
        self._secrets = secrets
        self._variables = step_variables(environment, inputs)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def steps(self, procedure: Procedure, begin_at: str) -> tuple[DryStep, ...]:
        await asyncio.to_thread(load_analysis)
        prepared = await asyncio.to_thread(lambda: [self._prepared(s) for s in procedure.steps])
        answers = await self._answers(procedure)
        phases = {step.id: phase.title for phase in procedure.phases for step in phase.steps}
        place = next((n for n, step in enumerate(procedure.steps) if step.id == begin_at), 0)
        changed = False
        seen = []
        for n, each in enumerate(prepared):
            step = each.step
            dry = DryStep(
                id=step.id,
                title=step.title,
                phase=phases[step.id],
                skipped=n < place,
                command=self._command(each),
                preconditions=tuple(answers[one.text] for one in step.preconditions),
                checks=tuple(answers[one.text] for one in _checks_of(step)),
                expect=step.expect,
                wait=step.wait.duration if step.wait else None,
                items=tuple(item.text for item in step.items),
                choices=tuple(choice.label for choice in step.choices),
                changed_before=changed,
            )
            # What somebody does by hand may change the world as well as a command.
            changed = changed or (not dry.skipped and (dry.changes or bool(dry.items)))
            seen.append(dry)
        return tuple(seen)

    def _prepared(self, step: Step) -> Prepared:
        return prepare(
            step,
            self._environment,
            self._inputs,
            procedure_id=self._procedure_id,
            policy=self._policy,
            operator=self._operator,
            secrets=self._secrets,
        )

    def _command(self, prepared: Prepared) -> DryCommand | None:
        command = prepared.command
        if command is None:
            return None
        return DryCommand(
            script=redact(prepared.script, self._secrets),
            cwd=command.cwd,
            variables=prepared.variables,
            ruling=prepared.ruling,
            confirm_word=prepared.confirm_word,
            declared=prepared.declared,
            findings=prepared.findings,
            affects=prepared.affects,
            timeout_s=command.timeout_s,
            irreversible=prepared.irreversible,
            background=command.background,
            interactive=command.interactive,
            undo=tuple(redact(undo.script, self._secrets) for undo in prepared.undo),
        )

    async def _answers(self, procedure: Procedure) -> Mapping[str, DryCheck]:
        """Return what comes of every assertion of the document, each asked once."""
        asked = {
            each.text: each
            for step in procedure.steps
            for each in (*step.preconditions, *_checks_of(step))
        }
        results = await asyncio.gather(*map(self._answer, asked.values()))
        return dict(zip(asked, results, strict=True))

    async def _answer(self, assertion: Assertion) -> DryCheck:
        if needed := [n for n in referenced(assertion.text, self._variables) if n in self._hidden]:
            return DryCheck(
                text=assertion.text,
                passed=None,
                detail=f"it needs the secret {', '.join(needed)}",
                evaluated=False,
            )
        async with self._turns:
            result = await self._checks.check(assertion, self._variables)
        detail = redact(result.detail, self._secrets)
        return DryCheck(text=result.text, passed=result.passed, detail=detail)


def _inputs(procedure: Procedure, given: Mapping[str, str]) -> tuple[Mapping[str, str], str]:
    """Return the inputs as far as they are known, secret ones masked, and what is wrong."""
    hidden = {name: REDACTED for name, asked in procedure.inputs.items() if asked.secret}
    open_ones = replace(
        procedure, inputs={n: each for n, each in procedure.inputs.items() if n not in hidden}
    )
    public = {name: value for name, value in given.items() if name not in hidden}
    try:
        return {**validate_inputs(open_ones, public), **hidden}, ""
    except RunError as error:
        defaults = {n: each.default for n, each in open_ones.inputs.items() if each.default}
        return {**defaults, **public, **hidden}, error.what


def _checks_of(step: Step) -> tuple[Assertion, ...]:
    condition = step.wait.condition if step.wait else None
    return (*step.checks, condition) if condition else step.checks
