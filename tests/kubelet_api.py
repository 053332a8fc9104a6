"""The part of a kubelet that the API server asks: logs and programs of containers, played.

The API server passes on what it says, so that clients speak to the real one. What is "in" a
container is this machine: a program is really run, as the test's own child.
"""

import asyncio
import json
import shutil
import ssl
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from aiohttp import web

from procedures.clock import SystemClock
from tests.played_kubelet import NODE

_MERGE = {"Content-Type": "application/strategic-merge-patch+json"}
_V4 = "v4.channel.k8s.io"


@dataclass
class _Log:
    """Lines with their times; followers wait for more."""

    lines: list[bytes] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False


class KubeletApi:
    """Answers what the API server asks of a node.

    Attributes:
        port: Where it listens, on 127.0.0.1.
    """

    def __init__(self, home: Path) -> None:
        self.port = 0
        self._home = home
        self._clock = SystemClock()
        self._logs: defaultdict[tuple[str, str], _Log] = defaultdict(_Log)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kubelet-api")
        self._runner: web.AppRunner | None = None

    def start(self) -> None:
        """Listen from now on."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)

    def stop(self) -> None:
        """End all answers."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def register(self, admin: httpx.Client) -> None:
        """Let the API server know where the node is asked."""
        status = {"daemonEndpoints": {"kubeletEndpoint": {"Port": self.port}}}
        path = f"/api/v1/nodes/{NODE}/status"
        admin.patch(path, json={"status": status}, headers=_MERGE).raise_for_status()

    def write(self, pod: str, container: str, *texts: str) -> None:
        """Let a container print lines now."""
        self.fill(pod, container, [text.encode() for text in texts])

    def fill(self, pod: str, container: str, lines: list[bytes]) -> None:
        """Let a container print many lines at one moment."""
        at = f"{self._clock.now().replace(tzinfo=None).isoformat()}000Z ".encode()
        stamped = [at + line for line in lines]

        async def append() -> None:
            log = self._logs[pod, container]
            log.lines += stamped
            log.grown.set()
            log.grown = asyncio.Event()

        asyncio.run_coroutine_threadsafe(append(), self._loop).result(30)

    def end_log(self, pod: str, container: str) -> None:
        """Let a container end, and with it whoever follows what it prints."""

        async def end() -> None:
            log = self._logs[pod, container]
            log.ended = True
            log.grown.set()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(30)

    async def _listen(self) -> None:
        certificate, key = self._home / "kubelet.crt", self._home / "kubelet.key"
        await asyncio.to_thread(
            subprocess.run,
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=kubelet", "-keyout", str(key), "-out", str(certificate)),
            ],
            check=True,
            capture_output=True,
        )
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate, key)
        application = web.Application()
        application.router.add_get("/containerLogs/{ns}/{pod}/{container}", self._log)
        application.router.add_get("/exec/{ns}/{pod}/{container}", self._exec)
        self._runner = web.AppRunner(
            application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _end(self) -> None:
        for log in self._logs.values():
            log.ended = True
            log.grown.set()
        if self._runner is not None:
            await self._runner.cleanup()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _log(self, request: web.Request) -> web.StreamResponse:
        """Answer as `GET /containerLogs` does; lines have times, as clients ask for them."""
        asked = request.query
        pod, container = request.match_info["pod"], request.match_info["container"]
        log = self._logs[f"{pod} before" if "previous" in asked else pod, container]
        told = len(log.lines)
        lines = [each for each in log.lines if _is_since(each, asked.get("sinceTime"))]
        if "tailLines" in asked:
            count = int(asked["tailLines"])
            lines = lines[-count:] if count else []
        answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
        answer.force_close()  # a connection kept for more would outlive the loop
        await answer.prepare(request)
        with suppress(ConnectionError):
            await _send(answer, lines)
            while "follow" in asked and not log.ended:
                grown = log.grown
                if told < len(log.lines):
                    fresh, told = log.lines[told:], len(log.lines)
                    await _send(answer, fresh)
                else:
                    await grown.wait()
        return answer

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        """Answer as `/exec` does by WebSocket: a channel's number, then what goes through it."""
        argv = request.query.getall("command")
        socket = web.WebSocketResponse(protocols=(_V4,))
        await socket.prepare(request)
        if shutil.which(argv[0]) is None:
            told = f'OCI runtime exec failed: exec: "{argv[0]}": executable file not found in $PATH'
            await socket.send_bytes(b"\1" + told.encode())
            status: dict[str, object] = _status(126)
        else:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                output, complaint = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            for at in range(0, len(output), 32_768):
                await socket.send_bytes(b"\1" + output[at : at + 32_768])
            await socket.send_bytes(b"\2" + complaint)
            status = _status(process.returncode or 0)
        await socket.send_bytes(b"\3" + json.dumps(status).encode())
        await socket.close()
        return socket


def _is_since(line: bytes, since: str | None) -> bool:
    if since is None:
        return True
    written = datetime.fromisoformat(line.partition(b" ")[0].decode())
    return written >= datetime.fromisoformat(since).astimezone(UTC)


async def _send(answer: web.StreamResponse, lines: list[bytes]) -> None:
    for at in range(0, len(lines), 200):
        await answer.write(b"".join(line + b"\n" for line in lines[at : at + 200]))


def _status(code: int) -> dict[str, object]:
    if not code:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


@contextmanager
def running_kubelet_api(home: Path, admin: httpx.Client) -> Iterator[KubeletApi]:
    """Yield one that the API server knows as its node's."""
    api = KubeletApi(home)
    api.start()
    try:
        api.register(admin)
        yield api
    finally:
        api.stop()
