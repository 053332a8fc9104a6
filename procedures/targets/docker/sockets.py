"""The SDK's way to a Unix socket, which loses no socket where nobody listens."""

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from docker.transport.unixconn import (
    UnixHTTPAdapter,
    UnixHTTPConnection,
    UnixHTTPConnectionPool,
)

if TYPE_CHECKING:
    from urllib3._base_connection import BaseHTTPConnection


class _Connection(UnixHTTPConnection):
    def connect(self) -> None:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(self.timeout)
            made.connect(self.unix_socket)
        except BaseException:
            made.close()
            raise
        self.sock = made


class _Pool(UnixHTTPConnectionPool):
    def __init__(self, socket_path: str, time_limit_s: int, most: int) -> None:
        super().__init__("http+docker://localhost", socket_path, time_limit_s, maxsize=most)
        self._time_limit_s = time_limit_s

    def _new_conn(self) -> "BaseHTTPConnection":
        return cast(
            "BaseHTTPConnection", _Connection(self.base_url, self.socket_path, self._time_limit_s)
        )


class SocketAdapter(UnixHTTPAdapter):
    """Stands in the place of the SDK's own adapter; its connections serve all addresses."""

    def get_connection(
        self, url: str | bytes, proxies: Mapping[str, str] | None = None
    ) -> UnixHTTPConnectionPool:
        """Return the connections to the socket."""
        del url, proxies
        with self.pools.lock:
            pool: UnixHTTPConnectionPool | None = self.pools.get(self.socket_path)
            if pool is None:
                pool = _Pool(self.socket_path, self.timeout, self.max_pool_size)
                self.pools[self.socket_path] = pool
        return pool
