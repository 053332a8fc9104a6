"""A question to journalctl, answered as a stream."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Mapping, Sequence

from procedures.errors import SourceError
from procedures.targets import programs
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
        programs.kill(process)
        await complaining
        await programs.end(process)


async def _start(argv: Sequence[str], variables: Mapping[str, str]) -> Process:
    program = programs.found(argv[0], variables)
    if program is None:
        raise SourceError(f"{argv[0]} is not installed here", fix=f"Install {argv[0]}")
    return await programs.start(program, argv[1:], variables, held_bytes=_HELD_BYTES)


async def _chunk(stream: asyncio.StreamReader, *, endless: bool) -> bytes:
    try:
        async with asyncio.timeout(None if endless else SILENCE_S):
            return await stream.read(_HELD_BYTES)
    except TimeoutError as error:
        raise SourceError(
            f"journalctl said nothing for {SILENCE_S:g} s",
            fix="Look at `journalctl --verify` and at the load of this machine's disk",
        ) from error


async def _complaint(process: Process) -> str:
    """Return what a process complains of; end it when that makes its answer worthless."""
    assert process.stderr is not None  # noqa: S101 - a pipe was asked for
    said = b""
    while chunk := await process.stderr.read(_COMPLAINT_BYTES):
        said = (said + chunk)[:_COMPLAINT_BYTES]
        if is_forbidden(said.decode("utf-8", "replace")):
            programs.kill(process)  # it would follow for ever what it may not see
    return said.decode("utf-8", "replace")
