"""Tries addresses, and looks for directories of this machine."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from procedures.environment import Endpoint
from procedures.errors import SourceError
from procedures.signals.http import Site
from procedures.targets.detection.answers import QUESTIONS, is_meant
from procedures.targets.detection.values import Candidate, Directory, Door

USUAL = (
    Candidate(door=Door.HEALTH, url="http://localhost:8080/health"),
    Candidate(door=Door.API, url="http://localhost:8080"),
    Candidate(door=Door.METRICS, url="http://localhost:9090"),
    Candidate(door=Door.PROMETHEUS, url="http://localhost:9091"),
    Candidate(door=Door.PROMETHEUS, url="http://localhost:9090"),
    Candidate(door=Door.ALERTMANAGER, url="http://localhost:9093"),
)
"""Where the service's own documents say that it, and what watches it, can be reached."""

DIRECTORIES = (
    Directory(key="backup_dir", path=Path("/var/lib/llm-config/backups")),
    Directory(key="data_dir", path=Path("/var/lib/llm-config/data")),
)


async def that_answer(
    candidates: Iterable[Candidate], time_limit_s: float
) -> tuple[Candidate, ...]:
    """Return those of ``candidates`` that answer as they should, in their order."""
    tried = tuple(candidates)
    answered = await asyncio.gather(*(_answers(each, time_limit_s) for each in tried))
    return tuple(each for each, answers in zip(tried, answered, strict=True) if answers)


async def that_exist(
    directories: Iterable[Directory], time_limit_s: float
) -> tuple[Directory, ...]:
    """Return those of ``directories`` that this user can see."""

    async def exists(directory: Directory) -> bool:
        try:
            async with asyncio.timeout(time_limit_s):
                return await asyncio.to_thread(directory.path.is_dir)
        except (OSError, TimeoutError):
            return False

    looked = tuple(directories)
    seen = await asyncio.gather(*map(exists, looked))
    return tuple(each for each, there in zip(looked, seen, strict=True) if there)


async def _answers(candidate: Candidate, time_limit_s: float) -> bool:
    site = Site(Endpoint(url=candidate.url), timeout_s=time_limit_s)
    try:
        answer = await site.get(QUESTIONS[candidate.door])
    except SourceError:
        return False
    finally:
        await site.aclose()
    return is_meant(
        candidate.door, answer.status, answer.body, is_published=bool(candidate.project)
    )
