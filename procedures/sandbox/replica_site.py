"""What one replica serves at its own address: health and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from procedures.sandbox import health
from procedures.sandbox.metric_store import exposition
from procedures.sandbox.replica import Replica

if TYPE_CHECKING:
    from procedures.sandbox.running import Running

_EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def application(running: Running, replica: Replica) -> web.Application:
    """Return the replica's site; it serves while the replica starts, without being ready."""

    async def report(_: web.Request) -> web.Response:
        running.advance()
        if not replica.process.ready:
            return web.json_response({"status": "unhealthy"}, status=503)
        if running.minimal_health:
            return web.json_response(health.minimal())
        return health_response(health.of_replica(running.service, replica))

    async def ready(_: web.Request) -> web.Response:
        running.advance()
        return web.Response(status=200 if replica.process.ready else 503)

    async def live(_: web.Request) -> web.Response:
        return web.Response()

    async def metrics(_: web.Request) -> web.Response:
        running.advance()
        body = exposition(replica.store.samples()).encode()
        return web.Response(body=body, headers={"Content-Type": _EXPOSITION_TYPE})

    app = web.Application()
    app.router.add_get("/health", report)
    app.router.add_get("/health/ready", ready)
    app.router.add_get("/health/live", live)
    app.router.add_get("/metrics", metrics)
    return app


def health_response(report: dict[str, object]) -> web.Response:
    """Return a health report with the status that the service gives it."""
    return web.json_response(report, status=503 if report["status"] == "unhealthy" else 200)
