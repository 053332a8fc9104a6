"""Who leaves an API server does not wait for its goodbye: it may never come."""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures.clock import SystemClock
from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.targets.kubernetes.connection import Connection
from tests.certificates import certificate
from tests.integration.targets.kubernetes_stand import variables_of

PODS = "/api/v1/namespaces/{namespace}/pods"
PATIENCE_S = 10.0
BEGINNING = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nand so on"


class MuteServer:
    """Begins to answer one question, and has no answer to the goodbye of TLS."""

    def __init__(self, made: Path, key: Path) -> None:
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(made, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self.port: int = self._listener.getsockname()[1]
        self._is_left = False
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def is_left(self) -> bool:
        """Wait until the client is gone; tell whether it is."""
        self._thread.join(2 * PATIENCE_S)
        self._listener.close()
        return self._is_left

    def _answer(self) -> None:
        plain, _ = self._listener.accept()
        with self._tls.wrap_socket(plain, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(BEGINNING)
            with socket.socket(fileno=os.dup(secured.fileno())) as wire:
                wire.settimeout(PATIENCE_S)
                with suppress(TimeoutError):
                    self._is_left = _is_left(wire)


def _is_left(wire: socket.socket) -> bool:
    with suppress(ConnectionResetError):
        while wire.recv(65536):
            pass
    return True


@pytest.fixture
def mute_server(tmp_path: Path) -> Iterator[MuteServer]:
    server = MuteServer(*certificate(tmp_path / "certificate"))
    yield server
    server.is_left()


async def leave_a_stream(connection: Connection) -> None:
    async with connection.stream(PODS, ()) as stream:
        assert await stream.readany() == b"and so on"


async def run_out_of_time(connection: Connection) -> None:
    with pytest.raises(SourceError, match="gave no answer in time"):
        await connection.get(PODS, time_limit_s=0.5)


@pytest.mark.parametrize("leave", [leave_a_stream, run_out_of_time])
async def test_a_connection_is_broken_off(
    mute_server: MuteServer,
    tmp_path: Path,
    leave: Callable[[Connection], Coroutine[Any, Any, None]],
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "clusters": [
                    {
                        "name": "mute",
                        "cluster": {
                            "server": f"https://127.0.0.1:{mute_server.port}",
                            "insecure-skip-tls-verify": True,
                        },
                    }
                ],
                "users": [{"name": "ada", "user": {"token": "t"}}],
                "contexts": [{"name": "mute", "context": {"cluster": "mute", "user": "ada"}}],
                "current-context": "mute",
            }
        )
    )
    address = TargetAddress(name="cluster", method=Method.KUBERNETES)
    connection = Connection(address, variables_of(kubeconfig), SystemClock())
    try:
        await leave(connection)
    finally:
        await connection.aclose()
    assert await asyncio.to_thread(mute_server.is_left)
