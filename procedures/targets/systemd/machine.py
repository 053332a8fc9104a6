"""Programs that only look, run on this machine."""

import asyncio
from asyncio import StreamReader
from collections.abc import Mapping, Sequence

from procedures.errors import SourceError
from procedures.targets import programs
from procedures.targets.target import Answer

_TIMEOUT_S = 15.0
_MOST_BYTES = 4 * 1024**2
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


async def run_here(
    argv: Sequence[str], variables: Mapping[str, str], *, timeout_s: float = _TIMEOUT_S
) -> Answer:
    """Run a program without a shell and return what it says, as much of it as is sensible."""
    program = programs.found(argv[0], variables)
    if program is None:
        return Answer(status=_NOT_FOUND, output="", complaint=f"{argv[0]}: not found")
    try:
        process = await programs.start(program, argv[1:], variables)
    except OSError as error:
        return Answer(status=_NOT_EXECUTABLE, output="", complaint=f"{argv[0]}: {error.strerror}")
    ended = False
    try:
        async with asyncio.timeout(timeout_s):
            output, complaint = await asyncio.gather(
                _beginning(process.stdout), _beginning(process.stderr)
            )
            status = await process.wait()
        ended = True
    except TimeoutError as error:
        raise SourceError(
            f"{argv[0]} did not end within {timeout_s:g} s", fix=f"Try `{' '.join(argv)}`"
        ) from error
    finally:
        if not ended:
            await programs.end(process)
    return Answer(
        status=status if status >= 0 else 128 - status, output=output, complaint=complaint
    )


async def _beginning(stream: StreamReader | None) -> str:
    """Return the beginning of what a stream says, once it has said all."""
    kept = bytearray()
    while stream is not None and (chunk := await stream.read(65_536)):
        kept += chunk[: _MOST_BYTES - len(kept)]
    return kept.decode("utf-8", "replace")
