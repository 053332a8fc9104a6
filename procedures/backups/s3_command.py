"""Runs the ``aws`` command line over a bucket of backups."""

import asyncio
import shutil
from collections.abc import Mapping

from procedures.backups.s3 import listing_argv, refusal
from procedures.backups.settings import BackupSettings
from procedures.errors import SourceError


def program(variables: Mapping[str, str]) -> str:
    """Return where ``aws`` is; SourceError if it is not installed."""
    found = shutil.which("aws", path=variables.get("PATH"))
    if found is None:
        raise SourceError(
            "aws is not installed here, and s3 is read through it",
            fix="Install the AWS command line, or remove s3 from the settings",
        )
    return found


async def listed(
    settings: BackupSettings, variables: Mapping[str, str], *, timeout_s: float
) -> str:
    """Return what ``aws`` says when it is asked for all objects.

    It is killed after ``timeout_s`` seconds; SourceError tells what is wrong, without what lets
    the console in.
    """
    argv = listing_argv(settings)
    process = await asyncio.create_subprocess_exec(
        program(variables),
        *argv[1:],
        env=dict(variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(timeout_s):
            answer, complaint = await process.communicate()
    except TimeoutError as error:
        raise SourceError(
            f"aws gave no list of {settings.s3} within {timeout_s:g} s",
            fix=f"Check the network, and try `{' '.join(argv)}`",
        ) from error
    finally:
        if process.returncode is None:
            process.kill()
            # What it started may still hold the pipes: nobody waits for their end.
            await process.wait()
    if process.returncode:
        raise refusal(complaint.decode("utf-8", "replace"), settings)
    return answer.decode("utf-8", "replace")
