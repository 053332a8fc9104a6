"""A command in a container or pod: run by the shim that an operator would use for it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

_BLOCK = 65_536


class RunningCommand:
    """One command with its output as it comes.

    Attributes:
        status: Its exit status, once it has ended.
        pid: Its process.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.status: int | None = None

    @classmethod
    async def begin(cls, shim: Path, argv: Sequence[str]) -> "RunningCommand":
        """Start it; it gets no input."""
        return cls(
            await asyncio.create_subprocess_exec(
                shim,
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        )

    async def output(self) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield ``(1, …)`` for what it prints and ``(2, …)`` for its complaints, then wait for it.

        Whoever closes the generator early ends the command.
        """
        told: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(4)

        async def pump(number: int, stream: asyncio.StreamReader) -> None:
            while block := await stream.read(_BLOCK):
                await told.put((number, block))
            await told.put((number, b""))

        out, complaints = self._process.stdout, self._process.stderr
        assert out is not None  # noqa: S101 - both are pipes
        assert complaints is not None  # noqa: S101
        pumps = [
            asyncio.create_task(pump(1, out)),
            asyncio.create_task(pump(2, complaints)),
        ]
        try:
            open_streams = len(pumps)
            while open_streams:
                number, block = await told.get()
                if block:
                    yield number, block
                else:
                    open_streams -= 1
            self.status = await self._process.wait()
        finally:
            for each in pumps:
                each.cancel()
            with contextlib.suppress(ProcessLookupError):
                if self._process.returncode is None:
                    self._process.kill()
                    await self._process.wait()
