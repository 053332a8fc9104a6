"""Talking to a sandbox's control address; standard library only, for it must start fast.

It speaks HTTP over a plain socket: loading ``http.client`` would be a third of a command's time.
"""

import json
import socket
from collections.abc import Sequence
from typing import Any

from procedures.errors import SandboxError
from procedures.sandbox.state_dir import Record, StateDir

_TIMEOUT_S = 10.0
_CHUNK = 65_536
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


class RefusedError(SandboxError):
    """The sandbox answered, but did not do it.

    Attributes:
        status: The HTTP status.
        text: The body of the answer.
    """

    def __init__(self, what: str, *, status: int, text: str) -> None:
        super().__init__(what)
        self.status = status
        self.text = text


class Control:
    """The control interface of a running sandbox; every call blocks and may raise SandboxError."""

    def __init__(self, record: Record, state: StateDir) -> None:
        self.state = state
        self._address = record.control.removeprefix("http://")
        self._token = record.token

    def get(self, path: str, **query: str | float | Sequence[str]) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON value at ``path``."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: object = None, **query: str) -> Any:  # noqa: ANN401 - JSON
        """Order something; return the JSON value of the answer, if any."""
        return self._call("POST", path, body=body, query=query)

    def delete(self, path: str) -> None:
        """End something."""
        self._call("DELETE", path)

    def open(self, path: str) -> socket.socket:
        """Return a connection whose answer to GET ``path`` has begun and goes on."""
        connection = self._asked("GET", path, None, _TIMEOUT_S)
        try:
            if not connection.recv(_CHUNK).startswith(b"HTTP/1.1 200"):
                raise _silent(self._address)
        except OSError as error:
            connection.close()
            raise _silent(self._address) from error
        return connection

    def _call(
        self, method: str, path: str, *, body: object = None, query: dict[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        timeout_s = _TIMEOUT_S + float((query or {}).get("timeout_s", 0))
        target = f"{path}?{_encoded(query)}" if query else path
        try:
            with self._asked(method, target, body, timeout_s) as connection:
                answer = b"".join(iter(lambda: connection.recv(_CHUNK), b""))
        except OSError as error:
            raise _silent(self._address) from error
        head, whole, content = answer.partition(b"\r\n\r\n")
        words = head.split(maxsplit=2)
        if not whole or len(words) < 2:
            raise _silent(self._address)
        status, text = int(words[1]), content.decode()
        if status >= 400:
            what = f"the sandbox refused {method} {path}: {status} {text}"
            raise RefusedError(what, status=status, text=text)
        return json.loads(text) if text else None

    def _asked(self, method: str, target: str, body: object, timeout_s: float) -> socket.socket:
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {target} HTTP/1.1\r\nHost: {self._address}\r\nConnection: close\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        host, _, port = self._address.partition(":")
        try:
            connection = socket.create_connection((host, int(port)), timeout_s)
            connection.sendall(head.encode() + content)
        except OSError as error:
            raise _silent(self._address) from error
        return connection


def connect(state: StateDir) -> Control:
    """Return the control interface of the sandbox that lives in ``state``."""
    record = state.read_record()
    if record is None:
        raise SandboxError(f"no sandbox runs in {state.path}", fix="Start it: quarterdeck demo")
    return Control(record, state)


def _encoded(query: dict[str, Any]) -> str:
    pairs = [
        (name, each)
        for name, value in query.items()
        for each in (value if isinstance(value, list | tuple) else [value])
    ]
    return "&".join(f"{name}={_quoted(str(value))}" for name, value in pairs)


def _quoted(text: str) -> str:
    return "".join(chr(b) if b in _PLAIN else f"%{b:02X}" for b in text.encode())


def _silent(address: str) -> SandboxError:
    return SandboxError(
        f"the sandbox does not answer at {address}", fix="Start it again: quarterdeck demo"
    )
