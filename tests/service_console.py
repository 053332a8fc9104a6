"""A console whose targets say what a test wants, with its Service screen on top."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from procedures.environment import Environment, Method, Tier
from procedures.reference.states import State
from procedures.signals.values import Alerts
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.values import Holdings, Missing, Phase, Use
from procedures.targets.watching import TargetWatch
from tests.live_console import until
from tests.scripted import NOW, FixedClock, ScriptedServices, alert, snapshot
from tests.scripted_target import NOW as TARGET_NOW
from tests.scripted_target import ScriptedTarget, deployment, unit
from tui.app import ConsoleApp
from tui.screens.service import ServiceScreen

_LATER = NOW - TARGET_NOW


def a_bad_night() -> ScriptedTarget:
    """Return a cluster in which one of three replicas is killed again and again."""
    pods = [
        unit("llm-config-manager-84c6847cb-2dgz5"),
        unit("llm-config-manager-84c6847cb-b9l8x", use=Use(cpu_cores=1.4, memory_bytes=1.2e9)),
        unit(
            "llm-config-manager-84c6847cb-qq7rt", phase=Phase.FAILED, word="CrashLoopBackOff",
            ready=False, restarts=14, exit_code=137, out_of_memory=True,
            reason="killed for want of memory 40 s ago", use=Use(),
        ),
    ]  # fmt: skip
    service = deployment(
        *pods, notes=("autoscaler 3 to 10", "at least 2 must stay"), least=3, most=10, spare=0
    )
    others = [deployment(unit(f"{name}-0", name), name=name) for name in ("postgres", "redis")]
    target = ScriptedTarget(service, *others)
    shifted = [
        replace(
            each,
            units=tuple(
                replace(u, began_at=u.began_at + _LATER if u.began_at else None) for u in each.units
            ),
        )
        for each in target.holdings.workloads
    ]
    target.holdings = Holdings(
        at=NOW,
        workloads=tuple(shifted),
        missing=(Missing(part="disruption budgets", fault="ada may not list them"),),
    )
    target.past = [
        Change(
            at=NOW - timedelta(minutes=9), kind=ChangeKind.ROLLOUT, subject="llm-config-manager",
            text="revision 7: set the memory limit to 2Gi", source="cluster",
        ),
        Change(
            at=NOW - timedelta(seconds=40), kind=ChangeKind.OUT_OF_MEMORY, state=State.CRITICAL,
            subject="llm-config-manager-84c6847cb-qq7rt", text="exit 137", times=14,
            since=NOW - timedelta(minutes=8), source="cluster",
        ),
        Change(
            at=NOW - timedelta(minutes=8), kind=ChangeKind.IMAGE, subject="llm-config-manager",
            text="1.4.1 → 1.4.2", source="cluster",
        ),
    ]  # fmt: skip
    return target


def a_console(state_dir: Path, *targets: ScriptedTarget, read_only: bool = False) -> ConsoleApp:
    """Return a console, not yet running, whose environment has ``targets``."""
    environment = Environment(
        name="production", tier=Tier.PRODUCTION, method=Method.KUBERNETES, read_only=read_only
    )
    clock = FixedClock()
    services = ScriptedServices(environment, state_dir=state_dir, clock=clock)
    services.target_watch = TargetWatch(targets, clock=clock)
    return ConsoleApp(services)


async def show_service(pilot: Pilot[int]) -> None:
    """Put the Service screen on top, and wait until it knows something."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    assert isinstance(app.services, ScriptedServices)
    firing = Alerts(items=(alert("HighMemory", minutes=7),), source="prometheus", at=NOW)
    app.services.watch.say(snapshot(alerts=firing))
    await pilot.press("4")
    await until(pilot, lambda: isinstance(app.screen, ServiceScreen) and bool(app.screen.seen))


@asynccontextmanager
async def service_console(
    state_dir: Path,
    *targets: ScriptedTarget,
    size: tuple[int, int] = (80, 24),
    read_only: bool = False,
) -> AsyncIterator[Pilot[int]]:
    """Yield a pilot whose console shows what runs on ``targets``."""
    app = a_console(state_dir, *targets, read_only=read_only)
    async with app.run_test(size=size) as pilot:
        await show_service(pilot)
        yield pilot
    await app.close_services()
