"""One question to an API server, by means of the client library, and the raw answer."""

import asyncio
import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import aiohttp

from procedures.targets.kubernetes.errors import StatusError
from procedures.targets.kubernetes.fields import Json
from procedures.targets.kubernetes.session import Session

_LARGE = 200_000
Parameters = Sequence[tuple[str, str]]


async def sent(
    session: Session,
    path: str,
    parameters: Parameters,
    names: Mapping[str, str],
    idle_s: float | None,
) -> aiohttp.ClientResponse:
    """Send a question and return the answer as soon as it begins."""
    method, url, headers, _, _ = await session.client.param_serialize(
        "GET",
        path,
        path_params={"namespace": session.access.namespace, **names},
        query_params=list(parameters),
        header_params={"Accept": "application/json, */*"},
        auth_settings=["BearerToken"],
    )
    answer = await session.client.call_api(
        method,
        url,
        headers,
        _request_timeout=aiohttp.ClientTimeout(total=None, sock_read=idle_s),
    )
    response: aiohttp.ClientResponse = answer.response
    return response


async def error_of(response: aiohttp.ClientResponse) -> StatusError | None:
    """Return what an answer says that is none; None for an answer."""
    if response.ok:
        return None
    with held(response):
        return StatusError(response.status, await response.read())


@contextmanager
def held(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Break the connection off at the end, unless the answer was read to its own.

    Closed, it would be there until the server has said goodbye.
    """
    transport = response.connection.transport if response.connection else None
    try:
        yield
    finally:
        if transport is not None and not response.content.is_eof():
            transport.abort()
        response.close()


async def parsed(body: bytes) -> Json:
    """Return the object in an answer; a large one does not hold up the event loop."""
    found: object
    if len(body) < _LARGE:
        found = json.loads(body)
    else:
        found = await asyncio.to_thread(json.loads, body)
    if not isinstance(found, dict):
        raise ValueError("an API server answers with an object")  # noqa: TRY004
    return found


def keep_alive(response: aiohttp.ClientResponse) -> None:
    """Let the system find out when the other side is gone without a word."""
    transport = response.connection.transport if response.connection else None
    held: socket.socket | None = transport.get_extra_info("socket") if transport else None
    if held is None:
        return
    with suppress(OSError):
        held.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15)
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        held.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)
