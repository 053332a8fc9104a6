"""A question to journalctl, answered as a stream."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress

from procedures.errors import SourceError
from procedures.targets.systemd.entries import Entry, Splitter, entries_of
from procedures.targets.systemd.errors import is_forbidden, journal_error

SILENCE_S = 15.0
"""How long an answer that should end may say nothing."""
_HELD_BYTES = 256 * 1024
_COMPLAINT_BYTES = 8192
_BATCH = 500


async def entries(
    argv: tuple[str, ...], variables: Mapping[str, str], *, endless: bool = False
) -> AsyncGenerator[list[Entry], None]:
    """Yield batches of journal entries; journalctl ends with the generator.

    Whoever reads slowly slows down journalctl: no more than a few hundred kilobytes wait here.

    Args:
        argv: A command line of :mod:`procedures.targets.systemd.questions`.
        variables: The whole environment of the program.
        endless: Whether the answer goes on for as long as the program runs.
    """
    process = await _start(argv, variables)
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    complaining = asyncio.create_task(_complaint(process))
    told = False
    try:
        splitter = Splitter()
        while chunk := await _chunk(process.stdout, endless=endless):
            lines = splitter.feed(chunk)
            for at in range(0, len(lines), _BATCH):
                told = True
                yield entries_of(lines[at : at + _BATCH])
        complaint = await complaining
        error = journal_error(argv, await process.wait(), complaint)
        if error is not None and (not told or is_forbidden(complaint)):
            raise error
    finally:
        await _end(process, complaining)


async def _start(argv: Sequence[str], variables: Mapping[str, str]) -> asyncio.subprocess.Process:
    program = shutil.which(argv[0], path=variables.get("PATH"))
    if program is None:
        raise SourceError(f"{argv[0]} is not installed here", fix=f"Install {argv[0]}")
    return await asyncio.create_subprocess_exec(
        program,
        *argv[1:],
        env=dict(variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_HELD_BYTES,
        start_new_session=True,
    )


async def _chunk(stream: asyncio.StreamReader, *, endless: bool) -> bytes:
    try:
        async with asyncio.timeout(None if endless else SILENCE_S):
            return await stream.read(_HELD_BYTES)
    except TimeoutError as error:
        raise SourceError(
            f"journalctl said nothing for {SILENCE_S:g} s",
            fix="Look at `journalctl --verify` and at the load of this machine's disk",
        ) from error


async def _complaint(process: asyncio.subprocess.Process) -> str:
    """Return what a process complains of; end it when that makes its answer worthless."""
    assert process.stderr is not None  # noqa: S101 - a pipe was asked for
    said = b""
    while chunk := await process.stderr.read(_COMPLAINT_BYTES):
        said = (said + chunk)[:_COMPLAINT_BYTES]
        if is_forbidden(said.decode("utf-8", "replace")):
            _kill(process)  # it would follow for ever what it may not see
    return said.decode("utf-8", "replace")


async def _end(process: asyncio.subprocess.Process, complaining: "asyncio.Task[str]") -> None:
    _kill(process)
    await complaining
    # A pipe that still holds something would never be seen to end, and wait() waits for that.
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    while await process.stdout.read(_HELD_BYTES):
        pass
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    """End a process with what it started, which may outlive it and hold its pipes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
