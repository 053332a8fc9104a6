"""Loopback ports that stay ours while nothing listens on them."""

import socket

LOOPBACK = "127.0.0.1"


class Port:
    """A reserved TCP port of 127.0.0.1.

    The reserving socket is bound but never listens: connections are refused as long as no one
    else with the same reservation listens, and no other program can take the port meanwhile.
    """

    def __init__(self, wished: int = 0) -> None:
        self._reservation = _bound(wished) if wished else None
        self._reservation = self._reservation or _bound(0)
        if self._reservation is None:
            raise OSError("no free port on 127.0.0.1")
        self.number: int = self._reservation.getsockname()[1]

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{LOOPBACK}:{self.number}"

    @property
    def url(self) -> str:
        """Base address without a trailing slash."""
        return f"http://{self.address}"

    def listen(self) -> socket.socket:
        """Return a socket that listens on the port."""
        listener = _socket()
        listener.bind((LOOPBACK, self.number))
        listener.listen(128)
        listener.setblocking(False)
        return listener

    def release(self) -> None:
        """Give the port back."""
        if self._reservation is not None:
            self._reservation.close()


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return sock


def _bound(number: int) -> socket.socket | None:
    """Return a socket bound to the port (0: any that is free); None if it is taken."""
    if number and not _free(number):
        return None
    sock = _socket()
    try:
        sock.bind((LOOPBACK, number))
    except OSError:
        sock.close()
        return None
    return sock


def _free(number: int) -> bool:
    """Whether nobody has the port, not even reserved: a reservation alone would share it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((LOOPBACK, number))
        except OSError:
            return False
    return True
