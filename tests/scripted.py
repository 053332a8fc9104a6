"""A console around a watch whose snapshots the test writes itself."""

import asyncio
import math
import os
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.pilot import Pilot

from procedures.clock import Clock
from procedures.environment import Environment, Method, Tier
from procedures.execution.policy.policy import Operator
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.signals.values import (
    Alert,
    AlertPhase,
    Alerts,
    Backups,
    Component,
    Disk,
    Health,
    History,
    Reading,
    Snapshot,
    SourceStatus,
)
from tui.app import ConsoleApp
from tui.services import Services

NOW = datetime(2026, 3, 4, 3, 12, 40, tzinfo=UTC)

INDEX = Path(tempfile.gettempdir(), f"quarterdeck-tests-{os.getpid()}.db")

PATIENCE_S = 30.0
"""How long anything may take before a test gives up."""

CALM: Mapping[str, float] = {
    "availability": 100.0,
    "p95-latency": 46.0,
    "error-rate": 0.21,
    "cache-hit-rate": 91.3,
    "cpu": 34.0,
    "memory": 41.0,
}


class FixedClock:
    """A clock that stands until the test moves it."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class ScriptedWatch:
    """Yields what the test says; satisfies what the console asks of a watch."""

    def __init__(self) -> None:
        self._snapshots: asyncio.Queue[Snapshot] = asyncio.Queue()
        self.asked_ranges: list[tuple[str, float]] = []
        self.looked = 0
        self.latest = snapshot()

    def say(self, said: Snapshot) -> None:
        self.latest = said
        self._snapshots.put_nowait(said)

    async def snapshots(self) -> AsyncIterator[Snapshot]:
        while True:
            yield await self._snapshots.get()

    async def range(self, indicator_id: str, seconds: float) -> History:
        self.asked_ranges.append((indicator_id, seconds))
        value = CALM.get(indicator_id, 1.0)
        return History(
            indicator=indicator_id,
            start=NOW - timedelta(seconds=seconds),
            step_s=seconds / 100,
            values=(value,) * 100,
        )

    def refresh_now(self) -> None:
        self.looked += 1

    async def aclose(self) -> None:
        pass


class ScriptedServices(Services):
    """Services whose watch is scripted; ledger and documents are the real ones.

    The index of documents is shared by all tests of a process: each would parse them all.
    """

    watch: ScriptedWatch  # type: ignore[assignment]

    def __init__(
        self,
        environment: Environment,
        *,
        state_dir: Path,
        clock: Clock,
        procedures: Sequence[Path] | None = None,
    ) -> None:
        super().__init__(
            environment,
            clock=clock,
            state_dir=state_dir,
            procedures=procedures,
            library_index=INDEX if procedures is None else None,
        )
        self.watch = ScriptedWatch()
        self.operator = Operator(name="ada")


def scripted_console(
    state_dir: Path,
    *,
    tier: Tier = Tier.PRODUCTION,
    method: Method = Method.KUBERNETES,
    environment: Environment | None = None,
    clock: FixedClock | None = None,
    procedures: Sequence[Path] | None = None,
) -> tuple[ConsoleApp, ScriptedWatch]:
    """Return an app that is not yet running, and the watch to talk through."""
    environment = environment or Environment(name=tier.value, tier=tier, method=method)
    services = ScriptedServices(
        environment, state_dir=state_dir, clock=clock or FixedClock(), procedures=procedures
    )
    return ConsoleApp(services), services.watch


def reading(indicator: str, value: float, *, at: datetime = NOW) -> Reading:
    """Return a reading whose state follows from the shipped thresholds."""
    threshold = load_indicators()[indicator].threshold
    state = threshold.state(value) if threshold else State.OK
    return Reading(indicator=indicator, state=state, value=value, at=at)


def unknown(indicator: str, fault: str) -> Reading:
    return Reading(indicator=indicator, state=State.UNKNOWN, fault=fault)


def wave(indicator: str, around: float) -> History:
    """Return an hour of values that rise and fall a little around one value."""
    values = tuple(around * (1 + 0.05 * math.sin(step / 19)) for step in range(240))
    values = tuple(min(100.0, value) if around > 60 else value for value in values)
    start = NOW - timedelta(hours=1)
    return History(indicator=indicator, start=start, step_s=15, values=values)


def alert(
    name: str, severity: str = "warning", phase: AlertPhase = AlertPhase.FIRING, minutes: int = 12
) -> Alert:
    return Alert(
        name=name,
        severity=severity,
        phase=phase,
        since=NOW - timedelta(minutes=minutes),
        component="cache",
        summary=f"{name} on the watch",
        labels={"alertname": name, "severity": severity},
        annotations={"summary": f"{name} on the watch"},
        source="prometheus",
    )


def healthy(*components: str) -> Health:
    return Health(
        state=State.OK,
        word="healthy",
        reports_components=bool(components),
        components=tuple(
            Component(name=name, state=State.OK, word="healthy", duration_ms=3.0)
            for name in components
        ),
        version="0.5.0",
        uptime_s=86_400.0,
        http_status=200,
        at=NOW,
    )


def snapshot(*, values: Mapping[str, float] = CALM, **changes: object) -> Snapshot:
    """Return a snapshot of a service that is well, with ``values`` and ``changes`` applied."""
    readings = {name: reading(name, value) for name, value in values.items()}
    calm = Snapshot(
        at=NOW,
        readings=readings,
        histories={name: wave(name, value) for name, value in values.items()},
        health=healthy("storage", "cache", "database", "disk", "memory"),
        alerts=Alerts(source="prometheus", at=NOW),
        backups=Backups(
            state=State.OK,
            newest="backup-20260304-020000.tar.gz",
            newest_at=NOW - timedelta(minutes=72),
            size_bytes=4_200_000,
            count=30,
        ),
        disk=Disk(
            state=State.OK,
            path="/var/lib/llm-config",
            total_bytes=50 * 1024**3,
            free_bytes=31 * 1024**3,
            at=NOW,
        ),
        sources=(SourceStatus(name="prometheus", address="http://prometheus:9090", last_ok=NOW),),
    )
    return replace(calm, **changes)  # type: ignore[arg-type]


ENDLESS = ("watch", "follow")
"""Workers that end with the console or the screen."""


async def settle(pilot: Pilot[int]) -> None:
    """Wait until every worker but the endless ones has ended, and its effects are shown.

    One that waits for an answer to a dialog never ends: that is a TimeoutError.
    """
    await pilot.pause()
    async with asyncio.timeout(PATIENCE_S):
        while working := [
            w for w in pilot.app.workers if w.name not in ENDLESS and not w.is_finished
        ]:
            await working[0].wait()
    await pilot.pause()
