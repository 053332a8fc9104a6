"""What an operator is shown of a step before deciding on it; pure."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from procedures.environment import Environment, Method
from procedures.execution.other_clusters import why_elsewhere
from procedures.execution.policy.policy import (
    Confirmation,
    Operator,
    Policy,
    Ruling,
    confirm_word,
    rule_on,
)
from procedures.execution.run.bodies import untouched
from procedures.execution.run.run import Stage, StepRecord
from procedures.execution.secrets.redaction import redact
from procedures.execution.variables import referenced
from procedures.reference.levels import Level
from procedures.runbook.assertions import Assertion
from procedures.runbook.model import Command, Step
from procedures.targets.variables import step_variables

if TYPE_CHECKING:
    from procedures.risk.assessment import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A step with everything that the decision on it needs.

    Attributes:
        command: None when the step has none for this deployment method.
        script: Exactly what will run; empty without a command.
        level: What counts; ``declared`` is what the document says.
        findings: Why the risk analysis thinks so.
        ruling: What the policy says of it; ``confirmation`` is what the operator does first.
        confirm_word: What must be typed for a destructive command; else empty.
        variables: Values of the variables that the script mentions; secrets are masked.
        binding: Fingerprint of script, inputs and target: what a confirmation is for.
    """

    step: Step
    command: Command | None
    script: str
    ruling: Ruling
    declared: Level
    findings: "tuple[Finding, ...]"
    affects: str
    confirm_word: str
    variables: Mapping[str, str]
    preconditions: tuple[Assertion, ...]
    irreversible: bool
    undo: tuple[Command, ...]
    binding: str

    @property
    def level(self) -> Level:
        """The level that counts."""
        return self.ruling.level

    @property
    def confirmation(self) -> Confirmation:
        """What the operator has to do before the command runs."""
        return self.ruling.confirmation


def prepare(
    step: Step,
    environment: Environment,
    inputs: Mapping[str, str],
    *,
    procedure_id: str,
    policy: Policy,
    operator: Operator,
    secrets: Sequence[str] = (),
) -> Prepared:
    """Return what there is to know of ``step`` before it is executed.

    Args:
        step: The step, of a document or of a way back.
        environment: Where it would be executed.
        inputs: Values by name; those of secret inputs are missing.
        procedure_id: The document that it stands in.
        policy: What the team allows.
        operator: Who would execute it.
        secrets: Values to mask.
    """
    command = step.command_for(environment.method)
    script = command.script if command else ""
    declared = command.level if command else Level.READ
    found, findings = _assess(script)
    ruling = rule_on(
        declared,
        found,
        policy=policy,
        environment=environment,
        procedure_id=procedure_id,
        operator=operator,
    )
    if elsewhere := why_elsewhere(script, environment):
        ruling = replace(ruling, refusal=ruling.refusal or elsewhere)
    asks = command is not None and ruling.confirmation is Confirmation.TYPED
    variables = referenced(script, step_variables(environment, inputs))
    return Prepared(
        step=step,
        command=command,
        script=script,
        ruling=ruling,
        declared=declared,
        findings=findings,
        affects=command.affects if command else "",
        confirm_word=confirm_word(command, environment) if command and asks else "",
        variables=_masked(variables, secrets),
        preconditions=step.preconditions,
        irreversible=bool(command and command.irreversible),
        undo=undo_commands(step, environment.method),
        binding=_binding(command, ruling.level, environment, inputs, variables),
    )


def undo_commands(step: Step, method: Method) -> tuple[Command, ...]:
    """Return the commands that take back the effect of ``step`` where it is deployed so."""
    return tuple(each for each in step.undo if not each.methods or method in each.methods)


def outline(step: Step, environment: Environment) -> StepRecord:
    """Return the untouched record of ``step``; one of mere prose is passed by executing it."""
    runs = step.command_for(environment.method) is not None
    present = {
        Stage.COMMAND: runs,
        Stage.CHECKS: bool(step.checks or (step.expect and runs)),
        Stage.WAIT: step.wait is not None,
        Stage.ITEMS: bool(step.items),
        Stage.CHOICE: bool(step.choices),
    }
    stages = tuple(stage for stage in Stage if present[stage]) or (Stage.CHECKS,)
    return untouched(
        id=step.id,
        title=step.title,
        stages=stages,
        items=len(step.items),
        choices=len(step.choices),
    )


def load_analysis() -> None:
    """Load the shell grammar; blocks for a tenth of a second, the first time."""
    _assess(":")


def _assess(script: str) -> "tuple[Level, tuple[Finding, ...]]":
    if not script:
        return Level.READ, ()
    # The shell grammar is loaded with the first walk, not with the console.
    from procedures.risk.assessment import assess

    risk = assess(script)
    return risk.level, tuple(risk.findings)


def _masked(variables: Mapping[str, str], secrets: Sequence[str]) -> Mapping[str, str]:
    return {
        name: redact(f"{name}={value}", secrets).partition("=")[2]
        for name, value in variables.items()
    }


def _binding(
    command: Command | None,
    level: Level,
    environment: Environment,
    inputs: Mapping[str, str],
    variables: Mapping[str, str],
) -> str:
    facts = [
        *((command.script, command.cwd) if command else ("", "")),
        level.value,
        environment.name,
        environment.method.value,
        dict(sorted(inputs.items())),
        dict(sorted(variables.items())),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
