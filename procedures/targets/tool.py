"""Runs the command-line tool of a deployment method and returns what it prints."""

import asyncio
from collections.abc import Mapping

from procedures.errors import SourceError
from procedures.execution.cleaning import clean_line
from procedures.targets import programs

_TIMEOUT_S = 15.0


async def ask(
    *argv: str,
    variables: Mapping[str, str],
    timeout_s: float = _TIMEOUT_S,
    answers: tuple[int, ...] = (0,),
) -> str:
    """Return what ``argv`` prints on its standard output.

    Args:
        argv: Program and arguments; the program is looked up on the PATH of ``variables``.
        variables: The whole environment of the program.
        timeout_s: Seconds after which it is killed.
        answers: Exit codes that are an answer; any other raises SourceError.
    """
    program = programs.found(argv[0], variables)
    if program is None:
        raise SourceError(f"{argv[0]} is not installed here", fix=f"Install {argv[0]}")
    process = await programs.start(program, argv[1:], variables)
    ended = False
    try:
        async with asyncio.timeout(timeout_s):
            output, complaint = await process.communicate()
        ended = True
    except TimeoutError as error:
        raise SourceError(
            f"{argv[0]} gave no answer within {timeout_s:g} s", fix=f"Try `{' '.join(argv)}`"
        ) from error
    finally:
        if not ended:
            await programs.end(process)
    if process.returncode not in answers:
        said = clean_line(complaint.decode("utf-8", "replace").strip()) or "nothing"
        raise SourceError(
            f"{argv[0]} ended with exit status {process.returncode} and said: {said}",
            fix=f"Try `{' '.join(argv)}`",
        )
    return output.decode("utf-8", "replace")
