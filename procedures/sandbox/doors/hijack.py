"""Taking an HTTP connection over for raw streams, as the Docker engine does for a command."""

import asyncio

from aiohttp import web

_HEAD = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)


class Hijacked(asyncio.Protocol):
    """A connection that only its new owner writes to.

    A client that has nothing to send closes its half; that must not end what it waits for.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._before = transport.get_protocol()
        self._writable = asyncio.Event()
        self._writable.set()
        transport.set_protocol(self)
        transport.write(_HEAD)

    async def write(self, block: bytes) -> None:
        """Send a block; waits while the client does not read. ConnectionResetError if it left."""
        if self._transport.is_closing():
            raise ConnectionResetError
        self._transport.write(block)
        await self._writable.wait()

    def close(self) -> None:
        """Send the rest and end the connection."""
        self._transport.close()

    def eof_received(self) -> bool:
        """Keep the other half open."""
        return True

    def pause_writing(self) -> None:
        """Let the next write wait."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let it go on."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the server, which ends what still answers."""
        self._writable.set()
        self._before.connection_lost(exc)


def take_over(request: web.Request) -> Hijacked:
    """Answer that the connection is the client's; nothing but the result may write to it now."""
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError
    return Hijacked(transport)
