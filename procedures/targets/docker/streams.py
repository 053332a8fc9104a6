"""What the engine tells without an end: logs, events and the words of a program it runs."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from procedures.targets.docker.connection import Connection
from procedures.targets.docker.engines import Engine
from procedures.targets.docker.errors import FAULTS, refused, source_error

_LONGEST_REFUSAL = 2_000
_ROOM_BYTES = 256 * 1024
"""Of what has come and is not taken yet; then the engine has to wait."""


class Streams:
    """Streams of an engine: no thread waits for one, and cancelling ends it at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def open(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        silent_s: float | None,
        order: Mapping[str, object] | None = None,
    ) -> AsyncGenerator[aiohttp.StreamReader, None]:
        """Yield the body of an answer; SourceError if none begins within the time limit.

        What breaks off later raises one of FAULTS.

        Args:
            path: Without the version: ``/events``.
            parameters: Of the query.
            silent_s: How long nothing may come before it is given up; None for any time.
            order: Body of a POST; without one it is a GET.
        """
        engine, version = await self._connection.engine(), await self._connection.version()
        try:
            connector, base = await _connector(engine)
        except (OSError, ValueError) as error:
            raise source_error(error, engine.url) from error
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=None, sock_read=silent_s),
            read_bufsize=_ROOM_BYTES,
        ) as session:
            url = f"{base}/v{version}{path}"
            verb = "GET" if order is None else "POST"
            try:
                async with asyncio.timeout(self._connection.time_limit_s):
                    response = await session.request(verb, url, params=parameters, json=order)
                    if response.status >= 400:
                        said = await response.content.read(_LONGEST_REFUSAL)
                        raise refused(response.status, said.decode("utf-8", "replace"), engine.url)
            except FAULTS as error:
                raise source_error(error, engine.url) from error
            async with response:
                yield response.content

    def failed(self, error: Exception) -> Exception:
        """Return what broke off, as a SourceError."""
        return source_error(error, self._connection.where)


async def _connector(engine: Engine) -> tuple[aiohttp.BaseConnector, str]:
    parts = urlsplit(engine.url)
    if parts.scheme == "unix":
        return aiohttp.UnixConnector(parts.path), "http://docker"
    if engine.certificates is None:
        return aiohttp.TCPConnector(), f"http://{parts.netloc}"
    context = await asyncio.to_thread(_trust, engine)
    return aiohttp.TCPConnector(ssl=context), f"https://{parts.netloc}"


def _trust(engine: Engine) -> ssl.SSLContext:
    folder = engine.certificates
    if folder is None or not engine.verified:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    if folder is not None and (folder / "cert.pem").exists():
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
