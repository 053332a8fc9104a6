"""The door of the deployment method that the sandbox poses as; systemd has none.

Nothing but the listening socket is made at the start: what answers is loaded with the first
question.
"""

from __future__ import annotations

import hashlib
import secrets
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

from procedures.sandbox.doors.engine_socket import EngineSocket
from procedures.sandbox.listener import Listener
from procedures.sandbox.ports import Port
from procedures.sandbox.state_dir import Record, write_whole

if TYPE_CHECKING:
    from procedures.sandbox.running import Running


class Door(Protocol):
    """Where clients of a deployment's own tools knock.

    Attributes:
        engine: Address of the Docker engine; empty if it is none.
        cluster: Base address of the Kubernetes API; empty if it is none.
    """

    engine: str
    cluster: str

    async def open(self) -> None:
        """Accept connections."""

    async def shut(self) -> None:
        """End connections and refuse new ones, as an engine that is down does."""

    async def close(self) -> None:
        """End connections, and remove what told clients of it."""


def of(running: Running, earlier: Record | None) -> Door | None:
    """Return the door of the sandbox's method, at the address of last time if that is free."""
    if running.method == "docker":
        return _DockerDoor(running, earlier.engine if earlier else "")
    if running.method == "kubernetes":
        url = earlier.cluster if earlier else ""
        return _KubeDoor(running, int(url.rpartition(":")[2]) if url else 0)
    return None


class _DockerDoor:
    def __init__(self, running: Running, earlier: str) -> None:
        place = EngineSocket(running.state.engine_socket, earlier)
        self.engine, self.cluster = place.address, ""
        self._listener = Listener(place, lambda: _application(running, "docker_door", ""))

    async def open(self) -> None:
        await self._listener.listen()

    async def shut(self) -> None:
        await self._listener.close()

    async def close(self) -> None:
        await self._listener.shut()


class _KubeDoor:
    def __init__(self, running: Running, wished: int) -> None:
        self._port = Port(wished)
        self._path = running.state.kubeconfig
        self._token = secrets.token_urlsafe(24)
        self.engine, self.cluster = "", self._port.url
        self._listener = Listener(
            self._port, lambda: _application(running, "kube_door", self._token)
        )

    async def open(self) -> None:
        await self._listener.listen()
        write_whole(self._path, kubeconfig(self._port.url, self._token))

    async def shut(self) -> None:
        await self._listener.close()

    async def close(self) -> None:
        await self._listener.shut()
        self._path.unlink(missing_ok=True)


def _application(running: Running, module: str, token: str) -> web.Application:
    """Return a site whose every request goes to ``module``, which is loaded with the first."""
    answer = None

    async def any_request(request: web.Request) -> web.StreamResponse:
        nonlocal answer
        if answer is None:
            loaded = import_module(f"procedures.sandbox.doors.{module}")
            answer = loaded.answering(running, token)
        found: web.StreamResponse = await answer(request)
        return found

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", any_request)
    return app


def viewer_token(token: str) -> str:
    """Return the token of the user who may look, but change nothing and read no secret."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def kubeconfig(server: str, token: str) -> str:
    """Return the file by which clients find the API, as JSON, which is YAML too."""
    import json

    clusters = [{"name": "sandbox", "cluster": {"server": server}}]
    users = [
        {"name": "sandbox", "user": {"token": token}},
        {"name": "viewer", "user": {"token": viewer_token(token)}},
    ]
    context = {"cluster": "sandbox", "user": "sandbox", "namespace": "llm-config"}
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": clusters,
        "users": users,
        "contexts": [{"name": "sandbox", "context": context}],
        "current-context": "sandbox",
    }
    return json.dumps(value, indent=1)
