"""A running sandbox for all runs of a module."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox, start
from procedures.sandbox.pace import Pace

FAST = Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=1.0)


@pytest.fixture(scope="module")
def sandbox_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sandbox has its state; a console that starts one there joins the running one."""
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="module")
def sandbox(sandbox_dir: Path) -> Iterator[Sandbox]:
    running = asyncio.run(start(sandbox_dir, method=Method.DOCKER, pace=FAST))
    yield running
    asyncio.run(running.stop())
