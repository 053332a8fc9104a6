"""Starting programs whose answer is awaited, and ending them with all that they started."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress

_CHUNK = 65_536


def found(name: str, variables: Mapping[str, str]) -> str | None:
    """Return the path of a program on the PATH of ``variables``; None if it is not there."""
    return shutil.which(name, path=variables.get("PATH"))


async def start(
    program: str,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    *,
    held_bytes: int = _CHUNK,
) -> Process:
    """Start a program in a session of its own, with pipes to read from and nothing to read.

    Args:
        program: Its path.
        arguments: Without its own name.
        variables: Its whole environment.
        held_bytes: Of each pipe, about so much is read ahead.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            program,
            *arguments,
            env=dict(variables),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            limit=held_bytes,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Cancelled half way, asyncio would end the program alone and wait for ever for a child of
        # it that holds its pipes.
        await end(await starting)
        raise


def kill(process: Process) -> None:
    """Kill a program and what it started, which may outlive it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def end(process: Process) -> None:
    """Kill a program and what it started, and wait until nothing of it is left."""
    kill(process)
    for pipe in (process.stdout, process.stderr):
        # One that still holds something would never be seen to end, and wait() waits for that.
        while pipe is not None and await pipe.read(_CHUNK):
            pass
    await process.wait()
