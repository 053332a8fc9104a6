"""The front address: health and API, spread over the replicas that are ready."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

from procedures.sandbox import api, health
from procedures.sandbox.replica import Replica
from procedures.sandbox.replica_site import health_response
from procedures.sandbox.traffic import STUCK

if TYPE_CHECKING:
    from procedures.sandbox.running import Running


def application(running: Running) -> web.Application:
    """Return the load balancer with the API behind it."""
    turns = itertools.count()

    async def report(_: web.Request) -> web.Response:
        running.advance()
        if running.minimal_health and running.service.fleet.ready:
            return web.json_response(health.minimal())
        return health_response(health.of_fleet(running.service))

    async def ready(_: web.Request) -> web.Response:
        running.advance()
        return web.Response(status=200 if running.service.fleet.ready else 503)

    @web.middleware
    async def balance(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/"):
            return await handler(request)
        running.advance()
        replicas = running.service.fleet.ready
        if not replicas:
            return api.refusal(503, "no replica is ready")
        if not running.service.database.ready:
            return api.refusal(500, "database unavailable")
        replica = replicas[next(turns) % len(replicas)]
        began = time.monotonic()
        if replica.pool_stuck:
            await asyncio.sleep(STUCK.median_s)
        response = await handler(request)
        _count(request, response.status, time.monotonic() - began, replica)
        return response

    app = web.Application(middlewares=[balance, api.refuse_politely])
    app.router.add_get("/health", report)
    app.router.add_get("/health/ready", ready)
    api.add_routes(app, running)
    return app


def _count(request: web.Request, status: int, took_s: float, replica: Replica) -> None:
    """Let a real request appear in the metrics of the replica that served it."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else "unmatched"
    replica.store.add("http_requests_total", 1, request.method, path, str(status))
    replica.store.observe("http_request_duration_seconds", took_s, request.method, path)
    operation = api.OPERATION_OF.get(request.match_info.route.name or "")
    if operation is None:
        return
    environment = api.environment_of(request)
    replica.store.add("config_operations_total", 1, operation, environment)
    replica.store.observe("config_operation_duration_seconds", took_s, operation)
    if status >= 400:
        kind = "not_found" if status == 404 else "validation" if status < 500 else "storage"
        replica.store.add("config_errors_total", 1, kind, operation)
