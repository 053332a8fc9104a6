"""A way to the server that breaks at the worst moment: when COMMIT is under way."""

import socket
import threading
from contextlib import suppress


class CuttingProxy:
    """Passes bytes on between clients and the server at ``port`` of the loopback.

    Attributes:
        port: Where clients connect.
        lose_requests: How many COMMITs to swallow on their way to the server.
        lose_answers: How many COMMITs to pass on, and then to swallow the server's answer.
        closed: Whether to turn away whoever comes.
        closes_after_loss: Whether to be closed from the first loss on.
        lost: How many COMMITs or answers were swallowed.
        cut: Set as soon as that has happened.
    """

    def __init__(self, port: int) -> None:
        self._server = "127.0.0.1", port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.lose_requests = self.lose_answers = self.lost = 0
        self.closed = self.closes_after_loss = False
        self.cut = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        """Cut every connection, and turn away whoever comes."""
        self.closed = True
        for each in self._sockets:
            _end(each)

    def close(self) -> None:
        """End for good."""
        self.hang_up()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self._sockets.append(client)
                if self.closed:
                    _end(client)
                    continue
                server = socket.create_connection(self._server)
                self._sockets.append(server)
                _Way(self, client, server)


class _Way:
    """One connection."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._answer_is_lost = False
        for pump in (self._requests, self._answers):
            threading.Thread(target=pump, daemon=True).start()

    def _requests(self) -> None:
        proxy = self._proxy
        lost = False
        with suppress(OSError):
            while not lost and (request := self._client.recv(65536)):
                commits = b"COMMIT\0" in request
                if commits and proxy.lose_requests:
                    proxy.lose_requests -= 1
                    lost = True
                    continue
                if commits and proxy.lose_answers:
                    proxy.lose_answers -= 1
                    self._answer_is_lost = True
                self._server.sendall(request)
        self._cut(lost=lost)

    def _answers(self) -> None:
        with suppress(OSError):
            while answer := self._server.recv(65536):
                if self._answer_is_lost:
                    break
                self._client.sendall(answer)
        self._cut(lost=self._answer_is_lost)

    def _cut(self, *, lost: bool) -> None:
        if lost:
            self._proxy.lost += 1
            self._proxy.closed = self._proxy.closed or self._proxy.closes_after_loss
            self._proxy.cut.set()
        _end(self._client)
        _end(self._server)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
