"""The control address: what shims and consoles use to look into the sandbox and to change it.

Everything but ``/history`` asks for the token of the sandbox's record.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.typedefs import Handler

from procedures.sandbox import faults, overview
from procedures.sandbox.doors.door import Door
from procedures.sandbox.lifecycle import Lifecycle
from procedures.sandbox.redis_reply import RedisUnknownError, answer
from procedures.sandbox.replica import Replica

if TYPE_CHECKING:
    from procedures.sandbox.running import Running

_LONGEST_WAIT_S = 30.0
_ACTIONS = {
    "restart": Lifecycle.restart,
    "stop": Lifecycle.stop,
    "start": Lifecycle.start,
}


def application(running: Running) -> web.Application:
    """Return the control interface."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        wanted = f"Bearer {running.token}"
        given = request.headers.get("Authorization", "")
        if request.path != "/history" and not secrets.compare_digest(wanted, given):
            raise web.HTTPUnauthorized
        return await handler(request)

    handlers = _Handlers(running)
    app = web.Application(middlewares=[guard])
    app.router.add_get("/history", handlers.history)
    app.router.add_get("/state", handlers.state)
    app.router.add_get("/events", handlers.events)
    app.router.add_get("/logs", handlers.logs)
    app.router.add_get("/lease", handlers.lease)
    app.router.add_get("/faults", handlers.faults)
    app.router.add_post("/faults/{name}", handlers.inject)
    app.router.add_delete("/faults/{name}", handlers.cure)
    app.router.add_post("/processes/{name}/{action}", handlers.order)
    app.router.add_post("/rollout", handlers.roll)
    app.router.add_post("/scale/{replicas}", handlers.scale)
    app.router.add_post("/reset", handlers.reset)
    app.router.add_delete("/door", handlers.shut)
    app.router.add_post("/door", handlers.reopen)
    app.router.add_post("/redis", handlers.redis)
    return app


class _Handlers:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._service = running.service

    async def history(self, request: web.Request) -> web.StreamResponse:
        self._running.advance()
        response = web.StreamResponse(headers={"Content-Type": "text/plain; version=0.0.4"})
        await response.prepare(request)
        for part in self._running.history.exposition():
            await response.write(part.encode())
        return response

    async def state(self, request: web.Request) -> web.Response:
        """Answer at once, or when something changed after the change ``newer_than``."""
        if "newer_than" in request.query:
            newer_than = _whole(request.query["newer_than"])
            timeout_s = min(_LONGEST_WAIT_S, float(request.query.get("timeout_s", "10")))
            await self._running.change(newer_than, timeout_s)
        self._running.advance()
        await self._running.catch_up()
        state = overview.of(self._service, self._running.instances)
        for process in (*state["replicas"], *state["dependencies"]):
            process["pid"] = self._running.bodies.pid(process["name"])
        return web.json_response({**state, "guests": self._running.leases.guests})

    async def events(self, _: web.Request) -> web.Response:
        return web.json_response(overview.events(self._service))

    async def logs(self, request: web.Request) -> web.Response:
        await self._running.catch_up()
        sources = request.query.getall("source", [])
        since_s = float(request.query.get("since_s", "0"))
        since = self._service.now - since_s if since_s else 0.0
        lines = await asyncio.to_thread(self._running.logbook.read, sources, since=since)
        return web.json_response(lines)

    async def lease(self, request: web.Request) -> web.StreamResponse:
        """Hold the sandbox for as long as the connection stands."""
        response = web.StreamResponse()
        await response.prepare(request)
        self._running.leases.take()
        try:
            await response.write(b"held\n")
            await self._running.leases.abandoned.wait()
        finally:
            self._running.leases.give_back()
        return response

    async def faults(self, _: web.Request) -> web.Response:
        active = faults.active(self._service)
        return web.json_response(
            [
                {"name": fault.name, "about": fault.about, "active": fault.name in active}
                for fault in faults.FAULTS.values()
            ]
        )

    async def inject(self, request: web.Request) -> web.Response:
        self._running.advance()
        faults.inject(self._service, _fault(request))
        await self._running.obeyed()
        return web.Response(status=204)

    async def cure(self, request: web.Request) -> web.Response:
        self._running.advance()
        faults.cure(self._service, _fault(request))
        await self._running.obeyed()
        return web.Response(status=204)

    async def order(self, request: web.Request) -> web.Response:
        """Restart, stop or start a replica or a dependency."""
        name, action = request.match_info["name"], request.match_info["action"]
        target = self._service.fleet.replica(name) or self._service.dependencies.get(name)
        if target is None or action not in _ACTIONS:
            raise web.HTTPNotFound
        process = target.process if isinstance(target, Replica) else target
        self._running.advance()
        _ACTIONS[action](process, self._service.now)
        await self._running.obeyed()
        return web.Response(status=204)

    async def roll(self, request: web.Request) -> web.Response:
        """Begin to replace the replicas one at a time."""
        self._running.advance()
        self._service.fleet.roll(self._service.now, request.query.get("cause", "restart"))
        await self._running.obeyed()
        return web.Response(status=204)

    async def scale(self, request: web.Request) -> web.Response:
        wanted = _whole(request.match_info["replicas"])
        if wanted > len(self._service.fleet.replicas):
            raise web.HTTPConflict
        self._running.advance()
        self._service.fleet.scale(wanted, self._service.now)
        await self._running.obeyed()
        return web.Response(status=204)

    async def reset(self, _: web.Request) -> web.Response:
        """Bring everything back to what a new sandbox is, data that is there aside."""
        await self._running.renew()
        return web.Response(status=204)

    async def shut(self, _: web.Request) -> web.Response:
        """Let the engine or the API server answer nobody any more."""
        await _door(self._running).shut()
        return web.Response(status=204)

    async def reopen(self, _: web.Request) -> web.Response:
        """Let it answer again."""
        await _door(self._running).open()
        return web.Response(status=204)

    async def redis(self, request: web.Request) -> web.Response:
        """Carry out a redis-cli command: 200 with its reply, 503 if Redis does not answer."""
        command = await request.json()
        self._running.advance()
        if not self._service.cache.process.ready:
            return web.Response(status=503)
        try:
            reply = answer([str(word) for word in command], self._service)
        except RedisUnknownError as error:
            return web.Response(status=422, text=error.what)
        await self._running.obeyed()
        return web.json_response(reply)


def _fault(request: web.Request) -> str:
    name = request.match_info["name"]
    if name not in faults.FAULTS:
        raise web.HTTPNotFound
    return name


def _door(running: Running) -> Door:
    if running.door is None:
        raise web.HTTPNotFound
    return running.door


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise web.HTTPBadRequest
    return int(text)
