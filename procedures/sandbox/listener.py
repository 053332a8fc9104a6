"""One address of the sandbox, which can be closed and opened again."""

import socket
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from aiohttp import web

_DRAIN_S = 0.2


class Place(Protocol):
    """Where a listener listens: a reserved port, or the path of a socket."""

    def listen(self) -> socket.socket:
        """Return a socket that listens there."""

    def release(self) -> None:
        """Give the place back."""


PlaceT = TypeVar("PlaceT", bound=Place)


class Listener(Generic[PlaceT]):
    """Serves an application at a reserved place while it is open."""

    def __init__(self, port: PlaceT, build: Callable[[], web.Application]) -> None:
        self.port = port
        self._build = build
        self._runner: web.AppRunner | None = None

    @property
    def open(self) -> bool:
        """Whether connections are accepted."""
        return self._runner is not None

    async def listen(self) -> None:
        """Accept connections; does nothing if they are accepted already."""
        if self._runner is None:
            runner = web.AppRunner(
                self._build(),
                handle_signals=False,
                handler_cancellation=True,
                access_log=None,
                shutdown_timeout=_DRAIN_S,
            )
            self._runner = runner
            await runner.setup()
            await web.SockSite(runner, self.port.listen()).start()

    async def close(self) -> None:
        """Refuse new connections and end those that are open, idle ones included."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def shut(self) -> None:
        """Close for good."""
        await self.close()
        self.port.release()
