"""A small real HTTP server that answers as each test wants, well or badly."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp import web

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment, Intervals, Method, Tier
from procedures.signals.build import watch_for
from procedures.signals.values import Snapshot

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

QUICK = Intervals(metrics_s=0.2, health_s=0.2, alerts_s=0.2, backups_s=0.2, disk_s=0.2)

ENVIRONMENT = Environment(
    name="test", tier=Tier.STAGING, method=Method.DOCKER, intervals=QUICK, window_s=60
)

HEALTHY = {"status": "healthy", "service": "llm-config-manager", "version": "0.5.0"}


class MisbehavingServer:
    """Answers ``paths``; counts how many requests are open at once."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: dict[str, Handler] = {}
        self.most_open = 0
        self._open = 0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(url=self.url)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self._open += 1
        self.most_open = max(self.most_open, self._open)
        try:
            handler = self.paths.get(request.path)
            return await handler(request) if handler else web.Response(status=404)
        finally:
            self._open -= 1


@asynccontextmanager
async def misbehaving_server() -> AsyncIterator[MisbehavingServer]:
    """Serve on a free port of loopback."""
    server = MisbehavingServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()


async def seen(
    environment: Environment, condition: Callable[[Snapshot], bool], *, seconds: float = 15
) -> Snapshot:
    """Watch until a snapshot satisfies ``condition``."""
    watch = watch_for(environment, SystemClock())
    try:
        async with asyncio.timeout(seconds):
            async for snapshot in watch.snapshots():
                if condition(snapshot):
                    return snapshot
    except TimeoutError:
        raise AssertionError(f"never seen; the last was {watch.latest}") from None
    finally:
        await watch.aclose()
    raise AssertionError("the watch ended by itself")


def environment_with(**changes: object) -> Environment:
    """Return the quick environment with ``changes``."""
    return replace(ENVIRONMENT, **changes)  # type: ignore[arg-type]


def answering(body: str | bytes, *, status: int = 200, kind: str = "application/json") -> Handler:
    """Return a handler that always answers the same."""

    async def handle(_: web.Request) -> web.Response:
        raw = body.encode() if isinstance(body, str) else body
        return web.Response(body=raw, status=status, content_type=kind)

    return handle


def answering_json(value: object, *, status: int = 200) -> Handler:
    """Return a handler that always answers ``value``."""
    return answering(json.dumps(value), status=status)


async def hanging(_: web.Request) -> web.Response:
    """Answer after half a minute."""
    await asyncio.sleep(30)
    return web.Response()


async def truncated(request: web.Request) -> web.StreamResponse:
    """Promise more than is sent, then close."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = 1000
    await response.prepare(request)
    await response.write(b'{"status": "success", "data": ')
    assert request.transport is not None
    request.transport.close()
    return response


def prometheus_saying(value: str, *, ahead_s: float = 0.0, age_s: float = 0.0) -> Handler:
    """Return a Prometheus whose every query has ``value``; its clock is ``ahead_s`` of ours."""

    async def handle(request: web.Request) -> web.Response:
        now = time.time() + ahead_s
        result = []
        for name in re.findall(r'"quarterdeck_query", "([^"]+)"', request.query["query"]):
            own = str(now - age_s) if name == "newest" else value
            if name != "names" and not name.endswith("/parts"):
                metric = {"quarterdeck_query": name}
                result.append({"metric": metric, "value": [now, own], "values": [[now, own]]})
        return web.json_response({"status": "success", "data": {"result": result}})

    return handle
