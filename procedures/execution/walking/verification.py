"""After the command: expected output, checks with time to settle, and the soak."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from procedures.execution.checks.expectation import judge_output
from procedures.execution.record.journal import Journal
from procedures.execution.record.station import Checks, Pace
from procedures.execution.run.bodies import results_body
from procedures.execution.run.run import CheckResult, Run, Stage
from procedures.execution.secrets.redaction import redact
from procedures.execution.walking.command_stage import output_of
from procedures.execution.walking.progress import CheckJudged, WaitTicked
from procedures.reference.levels import Level
from procedures.runbook.model import Step, Wait


class Verification:
    """Judges one step's effect and records the verdict.

    Args:
        cancelled: Set by the operator to give up; what is not known by then has failed.
    """

    def __init__(
        self,
        journal: Journal,
        step: Step,
        *,
        checks: Checks,
        variables: Mapping[str, str],
        pace: Pace,
        secrets: Sequence[str],
        cancelled: asyncio.Event,
    ) -> None:
        self._journal = journal
        self._step = step
        self._checks = checks
        self._variables = variables
        self._pace = pace
        self._secrets = secrets
        self._cancelled = cancelled

    async def verify(self) -> AsyncIterator[CheckJudged]:
        """Judge output and checks until all hold or the time to settle is over."""
        changed_at = _last_change(self._journal.run)
        settle_s = self._pace.settle_s if changed_at else 0.0
        deadline = asyncio.get_running_loop().time() + settle_s
        while True:
            results = []
            async for result in self._judge_all(changed_at):
                results.append(result)
                yield CheckJudged(result)
            late = asyncio.get_running_loop().time() >= deadline
            if _all_hold(results) or late or await self._pause(self._pace.recheck_s):
                break
        await self._conclude(Stage.CHECKS, results)

    async def soak(self, wait: Wait) -> AsyncIterator[WaitTicked]:
        """Let the duration pass, from anew whenever the condition was broken.

        Without a condition the time counts on while no console is open; with one it begins anew,
        for nobody has watched.
        """
        holding = wait.condition is None and self._waiting_since is not None
        while True:
            condition = await self._condition(wait)
            if condition is None or condition.passed is True:
                if not holding:
                    await self._journal.note_fact("step.waiting", {"step": self._step.id})
                holding = True
            else:
                holding = False
            left = self._left(wait) if holding else wait.duration
            if left <= timedelta(0):
                break
            yield WaitTicked(left.total_seconds(), holding)
            if await self._pause(min(self._pace.look_s, left.total_seconds())):
                break
        await self._conclude(Stage.WAIT, [self._soak_result(wait, condition)])

    async def _judge_all(self, since: datetime | None) -> AsyncIterator[CheckResult]:
        record = self._journal.step(self._step.id)
        if self._step.expect and Stage.COMMAND in record.stages:
            output = await output_of(record)
            yield judge_output(self._step.expect, output, self._journal.clock.now())
        for assertion in self._step.checks:
            yield self._masked(await self._checks.check(assertion, self._variables, since=since))

    async def _condition(self, wait: Wait) -> CheckResult | None:
        if wait.condition is None:
            return None
        return self._masked(await self._checks.check(wait.condition, self._variables))

    async def _conclude(self, stage: Stage, results: Sequence[CheckResult]) -> None:
        await self._journal.note_fact(
            "step.checked",
            {
                "step": self._step.id,
                "stage": stage.value,
                "results": results_body(results),
            },
        )

    async def _pause(self, seconds: float) -> bool:
        """Let time pass; True if the operator gave up meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._cancelled.wait()
        except TimeoutError:
            return False
        return True

    def _left(self, wait: Wait) -> timedelta:
        now = self._journal.clock.now()
        return wait.duration - (now - (self._waiting_since or now))

    def _soak_result(self, wait: Wait, condition: CheckResult | None) -> CheckResult:
        gave_up = self._cancelled.is_set()
        text = f"wait {wait.duration}" + (f" while {condition.text}" if condition else "")
        detail = condition.detail if condition else "the time has passed"
        return CheckResult(
            text=text,
            passed=not gave_up,
            detail=f"given up: {detail}" if gave_up else detail,
            at=self._journal.clock.now(),
        )

    def _masked(self, result: CheckResult) -> CheckResult:
        return replace(result, detail=redact(result.detail, self._secrets))

    @property
    def _waiting_since(self) -> datetime | None:
        return self._journal.step(self._step.id).waiting_since


def _all_hold(results: Sequence[CheckResult]) -> bool:
    return all(result.passed is True for result in results)


def _last_change(run: Run) -> datetime | None:
    """Return when the run's latest command that was more than reading ended."""
    ends = [
        step.command_ended_at
        for step in run.all_steps
        if step.command_ended_at and step.level is not Level.READ
    ]
    return max(ends, default=None)
