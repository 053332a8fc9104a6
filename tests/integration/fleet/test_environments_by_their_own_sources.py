"""Environments without a common server: a few at a time, each at its own pace."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment, Intervals, Method, Tier
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.fleet.members import AT_ONCE
from procedures.fleet.values import FleetRow
from procedures.fleet.watch import FleetWatch
from procedures.reference.states import State
from tests.scripted import PATIENCE_S

METRICS = "\n".join(
    [
        "process_resident_memory_bytes 1e9",
        'config_operations_total{operation="get"} 100',
        "",
    ]
)


@dataclass
class Service:
    """Answers health and metrics of any number of environments, and counts who asks."""

    address: str = ""
    present: int = 0
    most: int = 0
    asked: list[str] = field(default_factory=list)
    scraped: list[str] = field(default_factory=list)
    hangs: set[str] = field(default_factory=set)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def health(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        self.present += 1
        self.most = max(self.most, self.present)
        try:
            if name in self.hangs:
                await self.ended.wait()
            await asyncio.sleep(0.02)
        finally:
            self.present -= 1
        return web.json_response({"status": "healthy"})

    async def metrics(self, request: web.Request) -> web.Response:
        self.scraped.append(request.match_info["name"])
        return web.Response(text=METRICS)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_get("/{name}/health", service.health)
    app.router.add_get("/{name}/metrics", service.metrics)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    service.address = f"http://127.0.0.1:{port}"
    yield service
    service.ended.set()
    await runner.cleanup()


def fleet(service: Service, names: list[str], *, interval_s: float = 1.0) -> Fleet:
    environments = {
        name: Environment(
            name=name,
            tier=Tier.STAGING,
            method=Method.DOCKER,
            health=Endpoint(url=f"{service.address}/{name}/health"),
            metrics=(Endpoint(url=f"{service.address}/{name}"),),
            intervals=Intervals(metrics_s=interval_s, health_s=interval_s, alerts_s=interval_s),
        )
        for name in names
    }
    return fleet_of(FleetSettings(interval_s=interval_s), environments)


async def test_a_few_are_asked_at_once_and_all_have_a_row(service: Service) -> None:
    names = [f"env-{number:02}" for number in range(3 * AT_ONCE)]
    watch = FleetWatch(fleet(service, names), SystemClock())
    known = 0
    async with asyncio.timeout(PATIENCE_S), aclosing(watch.views()) as views:
        while known < len(names):
            view = await anext(views)
            known = sum(row.readings["memory"].value is not None for row in view.rows)
    await watch.aclose()
    assert 1 < service.most <= AT_ONCE
    assert set(service.asked) == set(names)


async def test_one_that_hangs_is_unknown_and_holds_up_no_other(service: Service) -> None:
    service.hangs.add("hung")
    watch = FleetWatch(fleet(service, ["hung", "well"]), SystemClock())
    rows: dict[str, FleetRow] = {}
    async with asyncio.timeout(PATIENCE_S), aclosing(watch.views()) as views:
        while service.asked.count("well") < 3 or "within" not in rows["hung"].fault:
            rows = {row.name: row for row in (await anext(views)).rows}
    assert rows["hung"].state is State.UNKNOWN
    assert service.asked.count("hung") < service.asked.count("well")
    await watch.aclose()


async def test_whoever_stops_looking_stops_asking_and_may_look_again(service: Service) -> None:
    watch = FleetWatch(fleet(service, ["one", "two"]), SystemClock())
    async with asyncio.timeout(PATIENCE_S):
        async with aclosing(watch.views()) as views:
            await anext(views)
        asked = len(service.asked)
        async with aclosing(watch.views()) as again:
            while len(service.asked) < asked + 2:
                await anext(again)
    await watch.aclose()


async def test_one_look_scrapes_everybody_before_anybody_twice(service: Service) -> None:
    names = [f"env-{number:02}" for number in range(3 * AT_ONCE)]
    watch = FleetWatch(fleet(service, names), SystemClock())
    view = await watch.look(patience_s=PATIENCE_S)
    await watch.aclose()
    assert sorted(service.scraped[: len(names)]) == names
    assert sorted(service.scraped[len(names) :]) == names
    assert all(row.readings["memory"].value is not None for row in view.rows)
