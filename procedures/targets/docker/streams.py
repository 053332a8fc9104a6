"""What the engine tells without an end: logs and events, read without a thread for each."""

import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.targets.docker.errors import source_error

CONNECT_S = 10.0
_VERSION = "v1.40"
"""Of the API; every engine since 2019 speaks it."""
_LONGEST_REFUSAL = 2_000

FAULTS = (aiohttp.ClientError, OSError, ValueError)


class Streams:
    """Streams of an engine.

    Args:
        where: Returns its address: ``unix:///…``, ``tcp://…`` or ``http(s)://…``.
        variables: Tell where certificates lie, as for the ``docker`` command.
    """

    def __init__(self, where: Callable[[], str], variables: Mapping[str, str]) -> None:
        self._where = where
        self._variables = variables

    @asynccontextmanager
    async def open(
        self,
        path: str,
        parameters: Mapping[str, str],
        *,
        silent_s: float | None,
        order: Mapping[str, object] | None = None,
    ) -> AsyncGenerator[aiohttp.StreamReader, None]:
        """Yield the body of an answer.

        Args:
            path: Without the version: ``/events``.
            parameters: Of the query.
            silent_s: How long nothing may come before it is given up; None for any time.
            order: Body of a POST; None for a GET.
        """
        connector, base = self._connector()
        timeout = aiohttp.ClientTimeout(
            total=None, connect=CONNECT_S, sock_connect=CONNECT_S, sock_read=silent_s
        )
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            url = f"{base}/{_VERSION}{path}"
            method = "GET" if order is None else "POST"
            async with session.request(method, url, params=parameters, json=order) as response:
                if response.status >= 400:
                    said = (await response.content.read(_LONGEST_REFUSAL)).decode(
                        "utf-8", "replace"
                    )
                    raise SourceError(
                        f"the Docker engine answered {response.status}: {clean_line(said)}",
                        fix="Look whether the container is still there",
                    )
                yield response.content

    def failed(self, error: Exception) -> SourceError:
        """Return what went wrong with a stream."""
        return source_error(error, self._where())

    def _connector(self) -> tuple[aiohttp.BaseConnector, str]:
        parts = urlsplit(self._where())
        if parts.scheme == "unix":
            return aiohttp.UnixConnector(parts.path), "http://docker"
        if parts.scheme not in {"tcp", "http", "https"}:
            raise SourceError(
                f"logs and events cannot be followed over {parts.scheme}://",
                fix="Open the console on the engine's own machine, or name it by tcp://",
            )
        verified = bool(self._variables.get("DOCKER_TLS_VERIFY")) or parts.scheme == "https"
        if not verified:
            return aiohttp.TCPConnector(), f"http://{parts.netloc}"
        return aiohttp.TCPConnector(ssl=self._tls()), f"https://{parts.netloc}"

    def _tls(self) -> ssl.SSLContext:
        given = self._variables.get("DOCKER_CERT_PATH", "")
        home = Path(given) if given else Path(self._variables.get("HOME", "/")) / ".docker"
        context = ssl.create_default_context(cafile=str(home / "ca.pem"))
        context.load_cert_chain(home / "cert.pem", home / "key.pem")
        return context
