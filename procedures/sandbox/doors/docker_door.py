"""The Docker engine's API, as far as clients that look need it; see version 1.45 of it.

Changes are the business of the ``docker`` command on the steps' PATH: they are refused here.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from procedures.sandbox.doors import docker_filters, docker_streams, docker_values
from procedures.sandbox.doors.docker_streams import truth
from procedures.sandbox.doors.log_lines import LogWish
from procedures.sandbox.doors.looking import Looking
from procedures.sandbox.doors.running_command import RunningCommand
from procedures.sandbox.shims.containers import Container, containers, find
from procedures.sandbox.shims.docker_details import details
from procedures.sandbox.shims.docker_images import image_details
from procedures.sandbox.shims.usage import ToolError

if TYPE_CHECKING:
    from procedures.sandbox.running import Running

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
_REMEMBERED = 1_000
"""Commands whose exit status can be asked for."""
_VERSION = re.compile(r"/v\d+\.\d+(?=/)")
_HEADERS = {
    "Api-Version": docker_values.API_VERSION,
    "Docker-Experimental": "false",
    "Ostype": "linux",
    "Server": f"Docker/{docker_values.ENGINE_VERSION} (linux)",
}


def answering(running: Running, _: str) -> Answer:
    """Return what answers every request; the socket's mode keeps others out."""
    return _Door(Looking(running)).answer


class _Announced:
    """A command that was announced and may be running."""

    def __init__(self, container: Container, argv: list[str], *, tty: bool) -> None:
        self.container = container
        self.argv = argv
        self.tty = tty
        self.command: RunningCommand | None = None
        self.status: int | None = None


class _Door:
    def __init__(self, looking: Looking) -> None:
        self._looking = looking
        self._announced: dict[str, _Announced] = {}
        handlers: dict[str, Callable[..., Awaitable[web.StreamResponse]]] = {
            r"GET|HEAD /_ping": self._ping,
            r"GET /version": self._version,
            r"GET /info": self._info,
            r"GET /events": self._events,
            r"GET /containers/json": self._list,
            r"GET /containers/(?P<name>[^/]+)/json": self._inspect,
            r"GET /containers/(?P<name>[^/]+)/stats": self._stats,
            r"GET /containers/(?P<name>[^/]+)/logs": self._logs,
            r"POST /containers/(?P<name>[^/]+)/exec": self._announce,
            r"POST /exec/(?P<id>[^/]+)/start": self._start,
            r"GET /exec/(?P<id>[^/]+)/json": self._exec_state,
            r"GET /images/(?P<name>.+)/json": self._image,
        }
        self._routes = [
            (methods.split("|"), re.compile(path), handler)
            for (methods, _, path), handler in (
                (route.partition(" "), handler) for route, handler in handlers.items()
            )
        ]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path = _VERSION.sub("", request.path, count=1)
        try:
            for methods, pattern, handler in self._routes:
                match = pattern.fullmatch(path)
                if match and request.method in methods:
                    return await handler(request, **match.groupdict())
        except ToolError as error:
            return _refusal(404, str(error).removeprefix("Error response from daemon: "))
        except ValueError as error:  # a filter or a number that is none
            return _refusal(400, str(error))
        if request.method in {"POST", "PUT", "DELETE"}:
            return _refusal(501, "this engine only shows; the sandbox's docker command changes it")
        return _refusal(404, "page not found")

    async def _ping(self, _: web.Request) -> web.Response:
        return web.Response(text="OK", headers={**_HEADERS, "Cache-Control": "no-cache"})

    async def _version(self, _: web.Request) -> web.Response:
        return _json(docker_values.version())

    async def _info(self, _: web.Request) -> web.Response:
        return _json(docker_values.info(await self._looking.make(containers)))

    async def _list(self, request: web.Request) -> web.Response:
        filters = docker_filters.parsed(request.query.get("filters", ""))
        down_too = truth(request.query.get("all", "")) or "status" in filters or "exited" in filters
        found = [
            row
            for each, row in await self._looking.make(docker_values.rows)
            if (down_too or each.process.running)
            and docker_filters.container_matches(filters, each, row["Labels"])
        ]
        limit = int(request.query.get("limit") or 0)
        return _json(found[:limit] if limit > 0 else found)

    async def _find(self, name: str) -> Container:
        return await self._looking.make(lambda seen, control: find(seen, control, name))

    async def _inspect(self, _: web.Request, name: str) -> web.Response:
        return _json(
            await self._looking.make(
                lambda seen, control: details(control, find(seen, control, name))
            )
        )

    async def _image(self, _: web.Request, name: str) -> web.Response:
        return _json(await self._looking.make(lambda _, control: image_details(control, name)))

    async def _stats(self, request: web.Request, name: str) -> web.StreamResponse:
        one_shot = truth(request.query.get("one-shot", ""))
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        streams = truth(request.query.get("stream", "1"))
        await self._find(name)  # the error of a name that is not there comes before any header
        while True:
            sample = await self._looking.make(
                lambda seen, control: docker_values.stats(
                    find(seen, control, name), control, one_shot=one_shot
                )
            )
            if not streams:
                return _json(sample)
            if not response.prepared:
                await response.prepare(request)
            await response.write(json.dumps(sample).encode() + b"\n")
            await self._looking.pause()

    async def _logs(self, request: web.Request, name: str) -> web.StreamResponse:
        query = request.query
        if not (truth(query.get("stdout", "")) or truth(query.get("stderr", ""))):
            raise ValueError("Bad parameters: you must choose at least one stream")
        tail = query.get("tail", "all")
        wish = LogWish(
            since=_moment(query.get("since", "")),
            until=_moment(query.get("until", "")),
            tail=int(tail) if tail.isdecimal() else None,
            follow=truth(query.get("follow", "")),
        )
        container = await self._find(name)
        await self._looking.written()
        return await docker_streams.send_logs(request, self._looking, container, wish)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        filters = docker_filters.parsed(query.get("filters", ""))
        since, until = (_moment(query.get(name, "")) for name in ("since", "until"))
        return await docker_streams.send_events(request, self._looking, filters, since, until)

    async def _announce(self, request: web.Request, name: str) -> web.Response:
        wish = await request.json()
        argv = [str(word) for word in wish.get("Cmd") or []]
        if not argv:
            raise ValueError("No exec command specified")
        container = await self._find(name)
        if not container.process.running:
            return _refusal(409, f"container {container.id} is not running")
        identity = secrets.token_hex(32)
        if len(self._announced) >= _REMEMBERED:
            del self._announced[next(iter(self._announced))]
        self._announced[identity] = _Announced(container, argv, tty=bool(wish.get("Tty")))
        return _json({"Id": identity}, status=201)

    async def _start(self, request: web.Request, id: str) -> web.StreamResponse:
        announced = self._known(id)
        if announced.command is not None:
            return _refusal(409, f"Error: exec command {id} is already running")
        shim = self._looking.control.state.shims / "docker"
        words = ("exec", announced.container.name, *announced.argv)
        announced.command = await RunningCommand.begin(shim, words)
        return await docker_streams.send_output(request, announced, announced.command)

    async def _exec_state(self, _: web.Request, id: str) -> web.Response:
        announced = self._known(id)
        runs = announced.command is not None and announced.status is None
        program, *arguments = announced.argv
        return _json(
            {
                "ID": id,
                "Running": runs,
                "ExitCode": announced.status,
                "ProcessConfig": {
                    "tty": announced.tty,
                    "entrypoint": program,
                    "arguments": arguments,
                },
                "OpenStdin": False,
                "OpenStderr": True,
                "OpenStdout": True,
                "CanRemove": False,
                "ContainerID": announced.container.id,
                "DetachKeys": "",
                "Pid": announced.command.pid if announced.command else 0,
            }
        )

    def _known(self, identity: str) -> _Announced:
        if identity not in self._announced:
            raise ToolError(f"No such exec instance: {identity}")
        return self._announced[identity]


def _moment(text: str) -> float | None:
    """Return a time of the query, ``seconds[.nanoseconds]``; None for none, or for 0."""
    return float(text) or None if text else None


def _json(value: object, status: int = 200) -> web.Response:
    return web.json_response(value, status=status, headers=_HEADERS)


def _refusal(status: int, text: str) -> web.Response:
    return _json({"message": text}, status)
