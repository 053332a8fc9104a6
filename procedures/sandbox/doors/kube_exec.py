"""Commands in pods, over a WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import WSMsgType, web

from procedures.sandbox.doors import kube_status
from procedures.sandbox.doors.looking import Looking
from procedures.sandbox.doors.running_command import RunningCommand
from procedures.sandbox.shims.kube_names import NAMESPACE, app_label, pod_name
from procedures.sandbox.shims.observed import Process

_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_OUT, _STATUS = 1, 3


async def run(request: web.Request, looking: Looking, process: Process) -> web.StreamResponse:
    """Run a command in a pod and send what it prints, then how it ended."""
    query, name = request.query, pod_name(process)
    container = query.get("container", "") or app_label(process)
    if request.headers.get("Upgrade", "").lower() != "websocket":
        raise kube_status.bad_request("Upgrade request required")
    streams = [each for each in ("stdin", "stdout", "stderr") if _truth(query, each)]
    if not streams:
        text = "you must specify at least 1 of stdin, stdout, stderr"
        return web.Response(status=400, text=text)
    if container != app_label(process):
        raise kube_status.bad_request(f"container {container} is not valid for pod {name}")
    command = query.getall("command", [])
    if not command:
        raise kube_status.bad_request("you must specify a command")
    if not process.running:
        message = f'unable to upgrade connection: container not found ("{container}")'
        raise kube_status.refused(500, "InternalError", f"Internal error occurred: {message}")
    socket = web.WebSocketResponse(protocols=_PROTOCOLS)
    await socket.prepare(request)
    shim = looking.control.state.shims / "kubectl"
    begun = await RunningCommand.begin(shim, ("-n", NAMESPACE, "exec", name, "--", *command))
    sending = asyncio.create_task(_send(socket, begun, streams))
    leaving = asyncio.create_task(_left(socket))
    try:
        await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (sending, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, ConnectionResetError):
                await task
    await socket.close()
    return socket


async def _send(socket: web.WebSocketResponse, begun: RunningCommand, streams: list[str]) -> None:
    output = begun.output()
    try:
        await socket.send_bytes(bytes([_OUT]))
        async for number, block in output:
            if ("stdout" if number == _OUT else "stderr") in streams:
                await socket.send_bytes(bytes([number]) + block)
        await socket.send_bytes(bytes([_STATUS]) + json.dumps(_ended(begun.status)).encode())
    finally:
        await output.aclose()


async def _left(socket: web.WebSocketResponse) -> None:
    """Return when the client has closed the connection; what it types is for nobody."""
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return


def _ended(code: int | None) -> dict[str, object]:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


def _truth(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in {"1", "true", "t"}
