"""Commands under their real supervisor: bounded, stopped, outliving whoever started them."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution import supervision, supervisor
from procedures.execution.supervision import CommandSpec, Ending, Supervision

PATH = os.environ["PATH"]


def spec(
    script: str,
    *,
    timeout_s: float = 30,
    env: dict[str, str] | None = None,
    output_limit: int = 1_000_000,
) -> CommandSpec:
    return CommandSpec(
        argv=["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": PATH} | (env or {}),
        cwd="/",
        timeout_s=timeout_s,
        grace_s=0.3,
        output_limit=output_limit,
    )


async def run(folder: Path, specification: CommandSpec) -> tuple[str, Ending]:
    supervision.lay_out(folder, specification)
    supervision.launch(folder)
    return await end(folder)


async def end(folder: Path) -> tuple[str, Ending]:
    async with asyncio.timeout(30):
        output = b"".join([chunk async for chunk in supervision.tail(folder)])
    return output.decode(), supervision.ending(folder)


async def first_output(folder: Path) -> None:
    async with asyncio.timeout(30):
        async for _ in supervision.tail(folder):
            return


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "step"


async def test_a_command_runs_as_written_with_its_variables_and_nothing_else(folder: Path) -> None:
    output, ending = await run(
        folder, spec('echo "$replicas; $(env | wc -l)" >&2; cat', env={"replicas": "a b; c"})
    )
    assert output.startswith("a b; c; ")
    assert int(output.rpartition("; ")[2]) <= 6  # PATH, replicas, and what bash adds
    assert (ending.exit_code, ending.reason) == (0, "")


@pytest.mark.parametrize(
    ("script", "exit_code"), [("exit 3", 3), ("false | true", 1), ("echo $unset", 1), ("nope", 127)]
)
async def test_a_failure_anywhere_in_a_command_is_its_failure(
    folder: Path, script: str, exit_code: int
) -> None:
    _, ending = await run(folder, spec(script))
    assert ending.exit_code == exit_code
    assert ending.reason == f"it ended with exit status {exit_code}"


async def test_a_command_that_cannot_start_has_an_end_too(folder: Path) -> None:
    output, ending = await run(folder, spec("true", env={"PATH": "/nowhere"}))
    assert "cannot start bash" in output
    assert ending.exit_code == 127


async def test_a_command_ended_by_a_signal_says_which(folder: Path) -> None:
    _, ending = await run(folder, spec("kill -SEGV $$"))
    assert (ending.exit_code, ending.signal) == (None, signal.SIGSEGV)
    assert ending.reason == "it was ended by SIGSEGV"


async def test_a_command_that_takes_too_long_is_stopped_with_its_children(folder: Path) -> None:
    output, ending = await run(folder, spec("sleep 600 | sleep 601", timeout_s=0.2))
    assert ending.timed_out
    assert "timed out after 0.2 s: sending SIGINT" in output
    assert supervision.surviving_group(folder) is None


async def test_cancelling_goes_from_int_to_kill_and_shows_each(folder: Path) -> None:
    supervision.lay_out(folder, spec("trap '' INT TERM; echo on; sleep 600"))
    supervision.launch(folder)
    await first_output(folder)
    supervision.cancel(folder)
    output, ending = await end(folder)
    assert ending.cancelled
    assert ending.reason == "it was cancelled"
    assert [s for s in ("SIGINT", "SIGTERM", "SIGKILL") if f"sending {s}" in output] == [
        "SIGINT",
        "SIGTERM",
        "SIGKILL",
    ]


async def test_a_signal_to_the_supervisor_cancels_instead_of_orphaning(folder: Path) -> None:
    supervision.lay_out(folder, spec("echo $PPID; sleep 600"))
    supervision.launch(folder)
    await first_output(folder)
    os.kill(int(supervision.output(folder)), signal.SIGTERM)
    _, ending = await end(folder)
    assert ending.cancelled


async def test_output_is_bounded_and_says_so(folder: Path) -> None:
    output, ending = await run(folder, spec("head -c 500000 /dev/zero", output_limit=1000))
    assert len(output) < 1100
    assert "the output was too long" in output
    assert ending.output_fault
    assert ending.exit_code == 0


async def test_a_child_left_behind_does_not_hold_up_the_end(folder: Path) -> None:
    output, ending = await run(folder, spec("(sleep 5; echo late) & echo done"))
    assert output == "done\n"
    assert ending.exit_code == 0


async def test_a_folder_is_never_run_twice(folder: Path) -> None:
    await run(folder, spec("echo once >> ran", env={}))
    with pytest.raises(RunError, match="exit status 3"):
        supervision.launch(folder)


def test_of_many_supervisors_only_one_runs_the_command(folder: Path, tmp_path: Path) -> None:
    supervision.lay_out(folder, spec(f"echo ran >> {tmp_path / 'count'}"))
    racers = [
        subprocess.Popen([sys.executable, supervisor.__file__, str(folder)]) for _ in range(6)
    ]
    codes = sorted(racer.wait(30) for racer in racers)
    asyncio.run(end(folder))
    assert codes == [supervisor.STARTED, *[supervisor.TAKEN] * 5]
    assert (tmp_path / "count").read_text() == "ran\n"


def test_a_command_that_never_began_is_known_not_to_have_run_and_never_will(folder: Path) -> None:
    supervision.lay_out(folder, spec("true"))
    assert supervision.look(folder) is Supervision.NEVER_BEGAN
    with pytest.raises(RunError, match="refused"):
        supervision.launch(folder)


def test_of_a_folder_that_is_gone_nothing_is_known(folder: Path) -> None:
    assert supervision.look(folder) is Supervision.LOST


async def test_a_killed_supervisor_leaves_a_doubt_and_the_surviving_group(folder: Path) -> None:
    supervision.lay_out(folder, spec("echo $PPID; sleep 600"))
    supervision.launch(folder)
    assert supervision.look(folder) is Supervision.LIVES
    await first_output(folder)
    os.kill(int(supervision.output(folder)), signal.SIGKILL)
    async with asyncio.timeout(30):
        async for _ in supervision.tail(folder):
            pass
    assert supervision.look(folder) is Supervision.LOST
    group = supervision.surviving_group(folder)
    assert group
    os.killpg(group, signal.SIGKILL)


def test_only_the_owner_can_read_what_a_command_was_given_and_printed(folder: Path) -> None:
    supervision.lay_out(folder, spec("true"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "spec.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the directory should be")
    with pytest.raises(RunError, match="cannot be made"):
        supervision.lay_out(tmp_path / "runs" / "step", spec("true"))
