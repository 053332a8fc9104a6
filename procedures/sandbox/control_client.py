"""Talking to a sandbox's control address; standard library only, for it must start fast."""

import http.client
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from procedures.errors import SandboxError
from procedures.sandbox.state_dir import Record, StateDir

_TIMEOUT_S = 10.0


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

    def __init__(self, record: Record) -> None:
        self._address = urlsplit(record.control).netloc
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

    def open(self, path: str) -> http.client.HTTPConnection:
        """Return a connection whose answer to GET ``path`` has begun and goes on."""
        connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_S)
        self._begin(connection, "GET", path, None)
        return connection

    def _call(
        self, method: str, path: str, *, body: object = None, query: dict[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 - JSON
        timeout_s = _TIMEOUT_S + float((query or {}).get("timeout_s", 0))
        connection = http.client.HTTPConnection(self._address, timeout=timeout_s)
        try:
            target = f"{path}?{urlencode(query, doseq=True)}" if query else path
            answer = self._begin(connection, method, target, body)
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise _silent(self._address) from error
        finally:
            connection.close()
        if answer.status >= 400:
            what = f"the sandbox refused {method} {path}: {answer.status} {text}"
            raise RefusedError(what, status=answer.status, text=text)
        return json.loads(text) if text else None

    def _begin(
        self, connection: http.client.HTTPConnection, method: str, target: str, body: object
    ) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self._token}"}
        content = None if body is None else json.dumps(body)
        try:
            connection.request(method, target, body=content, headers=headers)
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise _silent(self._address) from error


def connect(state: StateDir) -> Control:
    """Return the control interface of the sandbox that lives in ``state``."""
    record = state.read_record()
    if record is None:
        raise SandboxError(f"no sandbox runs in {state.path}", fix="Start it: quarterdeck demo")
    return Control(record)


def _silent(address: str) -> SandboxError:
    return SandboxError(
        f"the sandbox does not answer at {address}", fix="Start it again: quarterdeck demo"
    )
