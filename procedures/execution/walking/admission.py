"""From a step that is next to one that may run: policy, preconditions, approval, confirmation."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from procedures.environment import Environment
from procedures.errors import RunError
from procedures.execution.policy.policy import Confirmation
from procedures.execution.record.journal import Journal
from procedures.execution.record.station import Station
from procedures.execution.run.bodies import results_body
from procedures.execution.run.preparation import Prepared, prepare
from procedures.execution.run.run import CheckResult
from procedures.execution.secrets.redaction import redact
from procedures.runbook.model import Step


class Admission:
    """Decides whether steps of one run may be executed, and records why.

    Args:
        variables: The environment of every command.
        secrets: Values to mask.
    """

    def __init__(
        self,
        journal: Journal,
        environment: Environment,
        station: Station,
        *,
        variables: Mapping[str, str],
        secrets: tuple[str, ...],
    ) -> None:
        self._journal = journal
        self._environment = environment
        self._station = station
        self._variables = variables
        self._secrets = secrets

    def prepare(self, step: Step) -> Prepared:
        """Return what there is to know of a step before deciding on it."""
        return prepare(
            step,
            self._environment,
            self._journal.run.inputs,
            procedure_id=self._journal.run.procedure_id,
            policy=self._station.policy,
            operator=self._station.operator,
            secrets=self._secrets,
        )

    def admit(self, step: Step) -> Prepared:
        """Return the step prepared; RunError if this operator may not run it."""
        prepared = self.prepare(step)
        prepared.ruling.require_permitted()
        return prepared

    async def preconditions(self, step: Step) -> tuple[CheckResult, ...]:
        """Judge the step's preconditions now."""
        checks = self._station.checks
        results = [await checks.check(each, self._variables) for each in step.preconditions]
        return tuple(replace(each, detail=redact(each.detail, self._secrets)) for each in results)

    async def request_approval(self, step: Step) -> None:
        """Ask for a second person's word; it is bound to exactly what would run."""
        prepared = self.admit(step)
        if not prepared.ruling.second_person:
            raise RunError(f"the policy asks for no second person for step {step.id}")
        lasts = timedelta(seconds=self._station.policy.approval_expires_s)
        await self._journal.decide(
            "approval.requested",
            {
                "step": step.id,
                "binding": prepared.binding,
                "level": prepared.level.value,
                "script": redact(prepared.script, self._secrets),
                "variables": dict(prepared.variables),
                "affects": prepared.affects,
                "expires_at": (self._station.clock.now() + lasts).isoformat(),
            },
        )

    async def confirm(self, step: Step, typed: str, override: str) -> None:
        """Record the operator's yes; RunError if anything is missing for it."""
        self._journal.require_going_on()
        prepared = self.admit(step)
        wanted = prepared.confirm_word
        if prepared.confirmation is Confirmation.TYPED and typed.strip() != wanted:
            raise RunError(f"step {step.id} is not confirmed", fix=f"Type {wanted} to confirm it")
        if prepared.ruling.second_person:
            self.require_approval(prepared)
        await self.require_preconditions(step, override)
        await self._journal.decide(
            "step.confirmed",
            {
                "step": step.id,
                "level": prepared.level.value,
                "binding": prepared.binding,
                "needs_approval": prepared.ruling.second_person,
                "decided_at": self._station.clock.now().isoformat(),
            },
        )

    async def require_preconditions(self, step: Step, override: str = "") -> None:
        """Judge the preconditions; RunError if one fails that is not, or may not be, overridden."""
        results = await self.preconditions(step)
        failed = [result for result in results if result.passed is not True]
        if not failed:
            return
        what = "; ".join(f"{result.text}: {result.detail}" for result in failed)
        if not self.prepare(step).ruling.may_override:
            raise RunError(what, fix="Make it true: the policy lets nobody go on without")
        if not override.strip():
            raise RunError(
                what, fix=f"Make it true, or give a reason to execute step {step.id} regardless"
            )
        await self._journal.decide(
            "step.overridden",
            {
                "step": step.id,
                "reason": redact(override, self._secrets),
                "results": results_body(results),
            },
        )

    def require_approval(self, prepared: Prepared) -> None:
        """Raise RunError unless a second person's word allows just this, now."""
        step_id = prepared.step.id
        approval = self._journal.step(step_id).approval
        now = self._station.clock.now()
        fix = "Ask a second person: they decide in their console, or with `quarterdeck approve`"
        if approval is None:
            raise RunError(f"step {step_id} needs a second person", fix=fix)
        if approval.refused_by:
            raise RunError(f"{approval.refused_by} refused step {step_id}: {approval.reason}")
        if now >= approval.expires_at:
            expired = f"{approval.expires_at:%H:%M:%S} UTC"
            raise RunError(f"the approval of step {step_id} expired at {expired}", fix=fix)
        if approval.binding != prepared.binding:
            raise RunError(
                f"step {step_id} is not what the approval was asked for", fix="Ask once more"
            )
        if not approval.granted_by:
            raise RunError(f"nobody has approved step {step_id} yet", fix=fix)
