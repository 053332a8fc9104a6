"""A program run in a container, and what it says."""

import asyncio
import struct
from collections.abc import Sequence
from functools import partial
from typing import Any

import docker

from procedures.errors import SourceError
from procedures.targets.docker.connection import Connection
from procedures.targets.docker.errors import FAULTS
from procedures.targets.docker.streams import Streams
from procedures.targets.target import Answer
from procedures.targets.values import Unit

TIME_LIMIT_S = 15.0
MOST_BYTES = 1024 * 1024
"""Of what is kept of each stream; what comes after it is read and dropped."""
_HEADER = struct.Struct(">BxxxI")
_COMPLAINTS = 2
"""The stream of standard error."""
_NOT_THERE = 127
_ABSENT = ("executable file not found", "no such file or directory")


async def run(connection: Connection, streams: Streams, unit: Unit, argv: Sequence[str]) -> Answer:
    """Run a program in a container, without a shell and a terminal, and return what it says."""
    said = Said()
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            made = await connection.ask(partial(_prepare, container=unit.id, argv=list(argv)))
            opened = streams.open(
                f"/exec/{made}/start", silent_s=None, order={"Detach": False, "Tty": False}
            )
            async with opened as body:
                async for chunk in body.iter_any():
                    said.feed(chunk)
            status = await connection.ask(partial(_status, made=made))
    except TimeoutError as error:
        raise SourceError(
            f"{argv[0]} did not end in {unit.name} within {TIME_LIMIT_S:g} s",
            fix=f"Try `docker exec {unit.name} {argv[0]}`",
        ) from error
    except SourceError as error:
        # Some engines refuse to start what is not there, others start it and end with 126 or 127.
        if any(each in error.what for each in _ABSENT) and "exec" in error.what:
            return Answer(status=_NOT_THERE, output="", complaint=error.what)
        raise
    except FAULTS as error:
        raise streams.failed(error) from error
    return Answer(status=status, output=said.text(1), complaint=said.text(_COMPLAINTS))


class Said:
    """What a program said, taken from the engine's frames as they come, up to a bound."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0
        self._stream = 1
        self._kept = {1: bytearray(), _COMPLAINTS: bytearray()}

    def feed(self, chunk: bytes) -> None:
        """Take in a part of the stream, wherever it is cut."""
        at = 0
        while at < len(chunk):
            if not self._left:
                wanted = _HEADER.size - len(self._header)
                self._header += chunk[at : at + wanted]
                at += wanted
                if len(self._header) < _HEADER.size:
                    return
                self._stream, self._left = _HEADER.unpack(self._header)
                self._header = b""
                continue
            part = chunk[at : at + self._left]
            kept = self._kept[_COMPLAINTS if self._stream == _COMPLAINTS else 1]
            kept += part[: MOST_BYTES - len(kept)]
            at += len(part)
            self._left -= len(part)

    def text(self, stream: int) -> str:
        """Return what was kept of a stream."""
        return self._kept[stream].decode("utf-8", "replace")


def _prepare(client: docker.APIClient, container: str, argv: list[str]) -> str:
    return str(client.exec_create(container, argv, stdin=False, tty=False)["Id"])


def _status(client: docker.APIClient, made: str) -> int:
    found: Any = client.exec_inspect(made)
    return int(found.get("ExitCode") or 0)
