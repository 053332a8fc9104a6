"""A console whose fleet says what a test wants, with its Fleet screen on top."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from procedures.environment import Endpoint, Environment, Method, Tier
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.fleet.order import worst_first
from procedures.fleet.values import FleetRow, FleetView, Trend
from procedures.reference.states import State, worst
from procedures.signals.values import Reading
from tests.live_console import until
from tests.scripted import CALM, NOW, FixedClock, ScriptedServices, reading, snapshot
from tui.app import ConsoleApp
from tui.screens.fleet import FleetScreen

SERVER = Endpoint(url="http://prometheus.example.org")


def row(
    name: str,
    *,
    environment: bool = False,
    values: Mapping[str, float] = CALM,
    tier: Tier = Tier.PRODUCTION,
    firing: int | None = 0,
    fault: str = "",
    age_s: float = 2,
    trends: Mapping[str, Trend] | None = None,
) -> FleetRow:
    """Return a row that is as its values are; with a fault, one that is not known."""
    at = NOW - timedelta(seconds=age_s)
    readings = {each: reading(each, value, at=at) for each, value in values.items()}
    for missing in CALM.keys() - readings.keys():
        readings[missing] = Reading(indicator=missing, state=State.UNKNOWN, fault="no traffic")
    readings = {each: readings[each] for each in CALM}
    state = worst(each.state for each in readings.values())
    if fault:
        state = State.UNKNOWN
        readings = {n: replace(r, state=state, fault=fault) for n, r in readings.items()}
    return FleetRow(
        name=name,
        is_environment=environment,
        tier=tier,
        label=name,
        readings=readings,
        state=state,
        firing=None if fault else firing,
        at=at,
        fault=fault,
        trends=trends or {},
    )


def view(*rows: FleetRow, fault: str = "") -> FleetView:
    """Return what is known of the whole fleet."""
    return FleetView(at=NOW, rows=worst_first(rows), fault=fault)


def a_fleet() -> list[FleetRow]:
    """Return environments and targets of which some are well and others are not."""
    slow = {**CALM, "p95-latency": 312.0, "cpu": 78.0}
    down = {**CALM, "availability": 66.7, "error-rate": 7.31}
    gone = "no series with environment=eu-09 since 02:51:12 UTC"
    return [
        row("production", environment=True, values=slow, firing=2,
            trends={"p95-latency": Trend.RISING, "cpu": Trend.RISING}),
        row("staging", environment=True, tier=Tier.STAGING),
        row("eu-07", values=down, firing=5, trends={"availability": Trend.FALLING}),
        row("eu-09", fault=gone, age_s=1290),
        row("quiet", values={"availability": 100.0, "cpu": 1.0, "memory": 12.0}),
        row("消息-[bold]odd[/bold]", values={**CALM, "memory": 71.0}),
        *(row(f"us-{number:02}") for number in range(30)),
    ]  # fmt: skip


class ScriptedFleetWatch:
    """Yields what the test says; satisfies what the console asks of a fleet's watch."""

    def __init__(self) -> None:
        self._views: asyncio.Queue[FleetView] = asyncio.Queue()
        self.followers = 0
        self.looked = 0

    def say(self, said: FleetView) -> None:
        self._views.put_nowait(said)

    async def views(self) -> AsyncGenerator[FleetView, None]:
        self.followers += 1
        try:
            while True:
                yield await self._views.get()
        finally:
            self.followers -= 1

    def look_now(self) -> None:
        self.looked += 1

    async def aclose(self) -> None:
        pass


class FleetServices(ScriptedServices):
    """Services whose fleet is scripted as well."""

    def __init__(self, environment: Environment, *, state_dir: Path, fleet: Fleet) -> None:
        super().__init__(environment, state_dir=state_dir, clock=FixedClock())
        self.fleet = fleet
        self.scripted_fleet = ScriptedFleetWatch()
        self._fleet_watch = self.scripted_fleet  # type: ignore[assignment]


def environments() -> dict[str, Environment]:
    """Return the environments of the settings."""
    return {
        name: Environment(name=name, tier=Tier(name), method=Method.KUBERNETES)
        for name in ("production", "staging")
    }


def fleet_app(
    state_dir: Path, *, environment: Environment | None = None, server: bool = True
) -> tuple[ConsoleApp, ScriptedFleetWatch]:
    """Return a console, not yet running, and the fleet's watch to talk through."""
    every = environments()
    settings = FleetSettings(prometheus=SERVER if server else None)
    services = FleetServices(
        environment or every["production"], state_dir=state_dir, fleet=fleet_of(settings, every)
    )
    return ConsoleApp(services), services.scripted_fleet


async def show_fleet(pilot: Pilot[int], said: FleetView) -> None:
    """Put the Fleet screen on top, and wait until it shows ``said``."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    assert isinstance(app.services, FleetServices)
    app.services.watch.say(snapshot())
    await pilot.press("5")
    await until(pilot, lambda: isinstance(app.screen, FleetScreen))
    await tell(pilot, said)


async def tell(pilot: Pilot[int], said: FleetView) -> None:
    """Let the fleet say something, and wait until it is shown."""
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    assert isinstance(app.services, FleetServices)
    app.services.scripted_fleet.say(said)
    await until(pilot, lambda: isinstance(app.screen, FleetScreen) and app.screen.view is said)
    await pilot.pause()


@asynccontextmanager
async def fleet_console(
    state_dir: Path,
    said: FleetView,
    *,
    size: tuple[int, int] = (80, 24),
    environment: Environment | None = None,
) -> AsyncIterator[Pilot[int]]:
    """Yield a pilot whose console shows the fleet."""
    app, _ = fleet_app(state_dir, environment=environment)
    async with app.run_test(size=size) as pilot:
        await show_fleet(pilot, said)
        yield pilot
    await app.close_services()
