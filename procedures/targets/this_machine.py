"""What checks ask about the machine that the console runs on."""

import asyncio
import shutil
from pathlib import Path

from procedures.errors import SourceError

_CONNECT_TIMEOUT_S = 3.0
MEMORY_FILE = "/proc/meminfo"


async def disk_free(path: Path) -> float:
    """Return the free bytes of the file system that holds ``path``. Source: ``statvfs(3)``."""
    try:
        return float((await asyncio.to_thread(shutil.disk_usage, path)).free)
    except OSError as error:
        raise SourceError(
            f"cannot read the disk usage of {path}: {error.strerror}",
            fix=f"Check that {path} exists on this machine",
        ) from error


async def memory_free() -> float:
    """Return the bytes of memory that are available."""
    try:
        text = await asyncio.to_thread(Path(MEMORY_FILE).read_text)
    except OSError as error:
        raise SourceError(f"cannot read the free memory: {error.strerror}") from error
    return available(text)


def available(meminfo: str) -> float:
    """Return ``MemAvailable`` of ``proc(5)`` in bytes; it counts caches that can be dropped."""
    fields = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    return float(fields["MemAvailable"].split()[0]) * 1024


async def is_listening(port: int) -> bool:
    """Tell whether something accepts connections on ``port``, by trying to connect."""
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection("localhost", port)
    except (OSError, OverflowError, TimeoutError):
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def exists(path: Path) -> bool:
    """Tell whether there is such a file."""
    try:
        return await asyncio.to_thread(path.exists)
    except OSError as error:
        raise SourceError(f"cannot look for {path}: {error.strerror}") from error
