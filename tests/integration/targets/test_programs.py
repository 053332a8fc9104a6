"""Programs that are asked end in time, with all that they started."""

import asyncio
import os
from pathlib import Path

import pytest

from procedures.errors import SourceError
from procedures.targets import programs
from procedures.targets.systemd.machine import run_here
from procedures.targets.tool import ask

VARIABLES = {"PATH": os.environ["PATH"]}


@pytest.fixture
def wrapper(tmp_path: Path) -> str:
    """A program that starts another one, which keeps its pipes, and ends."""
    path = tmp_path / "wrapper"
    path.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {tmp_path}/child\n")
    path.chmod(0o755)
    return str(path)


def lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


async def gone(path: Path) -> bool:
    async with asyncio.timeout(10):
        while lives(int(path.read_text())):  # noqa: ASYNC110, ASYNC240 - a process tells of no end
            await asyncio.sleep(0.01)
    return True


async def test_a_wrapper_is_killed_with_what_it_started(wrapper: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="gave no answer within"):
        await ask(wrapper, variables=VARIABLES, timeout_s=0.5)
    assert await gone(tmp_path / "child")


async def test_a_look_inside_is_killed_with_what_it_started(wrapper: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="did not end within"):
        await run_here([wrapper], VARIABLES, timeout_s=0.5)
    assert await gone(tmp_path / "child")


async def test_a_start_that_is_cancelled_leaves_nothing(wrapper: str, tmp_path: Path) -> None:
    starting = asyncio.create_task(programs.start(wrapper, [], VARIABLES))
    async with asyncio.timeout(10):
        while not (tmp_path / "child").exists() and not starting.done():  # noqa: ASYNC110
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    if not starting.cancelled():
        await programs.end(starting.result())
    if (tmp_path / "child").exists() and (tmp_path / "child").read_text():
        assert await gone(tmp_path / "child")


async def test_much_output_is_cut_and_not_waited_for(tmp_path: Path) -> None:
    answer = await run_here(["head", "-c", "6000000", "/dev/zero"], VARIABLES)
    assert (answer.status, len(answer.output)) == (0, 4 * 1024**2)


async def test_what_is_no_program_answers_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    assert (await run_here([str(broken)], VARIABLES)).status in {126, 127}
    assert (await run_here(["no-such-program"], VARIABLES)).status == 127
