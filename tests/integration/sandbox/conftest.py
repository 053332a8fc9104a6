"""Real sandboxes, with less patience than usual."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox, start
from procedures.sandbox.pace import Pace
from procedures.targets.variables import step_variables

FAST = Pace(stop_s=0.2, start_s=0.3, dependency_start_s=0.2, warm_s=1.0)
Shell = Callable[[str], subprocess.CompletedProcess[str]]


@contextmanager
def running(folder: Path, method: Method, **options: object) -> Iterator[Sandbox]:
    """Start a sandbox and stop it, whatever happens."""
    sandbox = asyncio.run(start(folder, method=method, pace=FAST, **options))  # type: ignore[arg-type]
    try:
        yield sandbox
    finally:
        asyncio.run(sandbox.stop())


@pytest.fixture(scope="module")
def method(request: pytest.FixtureRequest) -> Method:
    """The method that a module is about; docker unless it says so."""
    chosen: Method = getattr(request.module, "METHOD", Method.DOCKER)
    return chosen


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory, method: Method) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("sandbox"), method) as started:
        yield started


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    """Run a command line as a step does: bash, the shims first on the PATH."""
    variables = step_variables(sandbox.environment, {}, inherited=os.environ)

    def run(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run
