"""Checks: an assertion of a document held against the world."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from procedures.clock import Clock
from procedures.errors import ProcedureError
from procedures.execution.checks import judging
from procedures.execution.checks.judging import HttpAnswer, Verdict
from procedures.execution.run.run import CheckResult
from procedures.execution.variables import expand
from procedures.runbook import assertions as a
from procedures.signals.values import Alerts, Backups, Health, History, Reading
from procedures.targets.answers import Found


class World(Protocol):
    """Whatever answers for the service and its machine; any question may raise ProcedureError."""

    @property
    def sample_gap_s(self) -> float:
        """Seconds after which a counter surely has a newer sample."""

    async def health(self) -> Health:
        """Ask the health endpoint now."""

    async def http(self, verb: str, url: str) -> HttpAnswer:
        """Send one request."""

    async def reading(self, indicator: str) -> Reading | None:
        """Return the latest reading; None for an unknown indicator."""

    async def history(self, indicator: str) -> History | None:
        """Return what is known of the indicator's past."""

    async def alerts(self) -> Alerts:
        """Return the alerts as last read."""

    async def metric_total(self, name: str) -> float:
        """Return the sum of all series of a counter, now."""

    async def ready_count(self, workload: str) -> int:
        """Return how many units of a workload serve; of the service if it is empty."""

    async def logs(self, window_s: float) -> Sequence[str]:
        """Return the service's log lines of the last ``window_s`` seconds."""

    async def backups(self) -> Backups:
        """Return the newest backup."""

    async def backup_fault(self, backups: Backups) -> str:
        """Read the newest backup through; return why it is unusable, empty if it is usable."""

    async def disk_free(self, path: Path) -> Found[float]:
        """Return the free bytes of the file system that holds ``path``."""

    async def memory_free(self) -> Found[float]:
        """Return the bytes of memory that may still be used."""

    async def is_listening(self, port: int) -> Found[bool]:
        """Tell whether something listens on ``port`` where the service lives."""

    async def exists(self, path: Path) -> Found[bool]:
        """Tell whether there is such a file."""

    async def aclose(self) -> None:
        """Release connections."""


class CheckRunner:
    """Judges assertions.

    Args:
        world: Answers the questions.
        clock: Gives each result its time.
        pause: How to let time pass between two samples.
    """

    def __init__(
        self,
        world: World,
        *,
        clock: Clock,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._world = world
        self._clock = clock
        self._pause = pause

    async def check(
        self,
        assertion: a.Assertion,
        variables: Mapping[str, str],
        *,
        since: datetime | None = None,
    ) -> CheckResult:
        """Return what comes of ``assertion``; a question that fails gives an unknown result.

        Args:
            assertion: As the document writes it, ``$NAME`` included.
            variables: Values of those names.
            since: When the command ended: what was measured before says nothing about its effect.
        """
        try:
            verdict = await self._judge(assertion, variables, since)
        except ProcedureError as error:
            verdict = Verdict(None, error.what)
        return CheckResult(
            text=assertion.text,
            passed=verdict.passed,
            detail=verdict.detail,
            at=self._clock.now(),
        )

    async def aclose(self) -> None:
        """Release what answering the questions took."""
        await self._world.aclose()

    async def _judge(
        self, assertion: a.Assertion, variables: Mapping[str, str], since: datetime | None
    ) -> Verdict:
        match assertion:
            case a.IndicatorState() | a.IndicatorValue() | a.AlertFiring() | a.BackupFresh():
                return await self._judge_watched(assertion, since)
            case a.DiskFree() | a.MemoryFree() | a.PortListening() | a.FileExists():
                return await self._judge_machine(assertion, variables)
            case _:
                return await self._judge_service(assertion, variables)

    async def _judge_watched(
        self,
        assertion: a.IndicatorState | a.IndicatorValue | a.AlertFiring | a.BackupFresh,
        since: datetime | None,
    ) -> Verdict:
        world = self._world
        match assertion:
            case a.IndicatorState():
                reading = await world.reading(assertion.indicator)
                return judging.judge_indicator_state(assertion, reading, since=since)
            case a.IndicatorValue():
                reading = await world.reading(assertion.indicator)
                history = await world.history(assertion.indicator)
                return judging.judge_indicator_value(
                    assertion, reading, history, now=self._clock.now(), since=since
                )
            case a.AlertFiring():
                return judging.judge_alert(assertion, await world.alerts(), since=since)
            case a.BackupFresh():
                backups = await world.backups()
                verdict = judging.judge_backup(assertion, backups, now=self._clock.now())
                if assertion.verified and verdict.passed:
                    fault = await world.backup_fault(backups)
                    return Verdict(not fault, fault or f"{verdict.detail}, and can be read")
                return verdict

    async def _judge_service(
        self,
        assertion: a.HealthStatus
        | a.HealthComponent
        | a.HttpStatus
        | a.MetricIncreasing
        | a.ServiceReady
        | a.LogsFree,
        variables: Mapping[str, str],
    ) -> Verdict:
        world = self._world
        match assertion:
            case a.HealthStatus():
                return judging.judge_health(assertion, await world.health())
            case a.HealthComponent():
                return judging.judge_component(assertion, await world.health())
            case a.HttpStatus():
                url = expand(assertion.url, variables)
                return judging.judge_http(assertion, await world.http(assertion.verb, url))
            case a.MetricIncreasing():
                before = await world.metric_total(assertion.metric)
                await self._pause(world.sample_gap_s)
                after = await world.metric_total(assertion.metric)
                return judging.judge_increase(assertion, before, after)
            case a.ServiceReady():
                return judging.judge_ready(assertion, await world.ready_count(assertion.workload))
            case a.LogsFree():
                return judging.judge_logs(assertion, await world.logs(assertion.window_s))

    async def _judge_machine(
        self,
        assertion: a.DiskFree | a.MemoryFree | a.PortListening | a.FileExists,
        variables: Mapping[str, str],
    ) -> Verdict:
        world = self._world
        match assertion:
            case a.DiskFree():
                free = await world.disk_free(Path(expand(assertion.path, variables)))
                return judging.judge_free(assertion.free_bytes, free)
            case a.MemoryFree():
                return judging.judge_free(assertion.free_bytes, await world.memory_free())
            case a.PortListening():
                port = expand(assertion.port, variables)
                if not port.isdecimal():
                    return Verdict(None, f"{port} is not a port")
                return judging.judge_listening(await world.is_listening(int(port)))
            case a.FileExists():
                path = Path(expand(assertion.path, variables))
                return judging.judge_file(await world.exists(path))
