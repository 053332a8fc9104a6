"""Commands under their real supervisor: bounded, stopped, outliving whoever started them."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.command import supervision, supervisor
from procedures.execution.command.supervision import CommandSpec, Ending, Supervision

ENV = {"PATH": os.environ["PATH"]}


def spec(
    script: str,
    *,
    timeout_s: float = 30,
    output_limit: int = 1_000_000,
) -> CommandSpec:
    return CommandSpec(
        argv=["bash", "-euo", "pipefail", "-c", script],
        cwd="/",
        timeout_s=timeout_s,
        grace_s=0.3,
        output_limit=output_limit,
    )


def start(folder: Path, specification: CommandSpec) -> None:
    supervision.lay_out(folder, specification)
    supervision.launch(folder, env=ENV)


async def run(
    folder: Path,
    specification: CommandSpec,
    *,
    env: dict[str, str] | None = None,
    secrets: Sequence[str] = (),
) -> tuple[str, Ending]:
    supervision.lay_out(folder, specification)
    supervision.launch(folder, env=ENV | (env or {}), secrets=secrets)
    return await end(folder)


async def end(folder: Path) -> tuple[str, Ending]:
    async with asyncio.timeout(30):
        output = b"".join([chunk async for chunk in supervision.tail(folder)])
    return output.decode(), supervision.ending(folder)


async def first_output(folder: Path) -> None:
    async with asyncio.timeout(30):
        async for _ in supervision.tail(folder):
            return


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "step"


async def test_a_command_runs_as_written_with_its_variables_and_nothing_else(folder: Path) -> None:
    output, ending = await run(
        folder, spec('echo "$replicas; $(env | wc -l)" >&2; cat'), env={"replicas": "a b; c"}
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
    output, ending = await run(folder, spec("true"), env={"PATH": "/nowhere"})
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
    start(folder, spec("trap '' INT TERM; echo on; sleep 600"))
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
    start(folder, spec("echo $PPID; sleep 600"))
    await first_output(folder)
    os.kill(int(supervision.output(folder)), signal.SIGTERM)
    _, ending = await end(folder)
    assert ending.cancelled


async def test_of_an_output_that_is_too_long_the_beginning_and_the_end_are_kept(
    folder: Path,
) -> None:
    output, ending = await run(folder, spec("seq 100000; echo end >&2", output_limit=1000))
    assert output.startswith("1\n2\n")
    assert output.endswith("100000\nend\n")
    assert len(output) < 1000 + 64 * 1024 + 300
    missing = 588_899 - 1000 - 64 * 1024
    assert f"[the output was too long: {missing} bytes are missing here]" in output
    assert ending.output_fault == f"the output was too long; {missing} bytes of it were not kept"
    assert ending.exit_code == 0


async def test_an_output_just_over_the_limit_is_kept_whole(folder: Path) -> None:
    output, ending = await run(folder, spec("seq 1000", output_limit=1000))
    kept = "".join(line for line in output.splitlines(keepends=True) if "[" not in line)
    assert kept.replace("\n", "") == "".join(map(str, range(1, 1001)))
    assert ending.output_fault == ""


async def test_output_need_not_be_text(folder: Path) -> None:
    written = bytes(range(256)) * 400
    (folder.parent / "data").write_bytes(written)
    start(folder, spec(f"cat {folder.parent / 'data'}"))
    async with asyncio.timeout(30):
        assert b"".join([chunk async for chunk in supervision.tail(folder)]) == written


async def test_no_output_is_an_output_too(folder: Path) -> None:
    assert (await run(folder, spec("true")))[0] == ""


async def test_a_command_that_closes_its_output_is_waited_for(folder: Path) -> None:
    output, ending = await run(folder, spec("echo last; exec >&- 2>&-; sleep 0.3; exit 4"))
    assert (output, ending.exit_code) == ("last\n", 4)


async def test_a_reader_that_is_far_behind_skips_and_is_told_so(folder: Path) -> None:
    await run(folder, spec("true"))
    (folder / "output").write_bytes(b"x" * 40_000_000 + b"\nend\n")
    read = b"".join([chunk async for chunk in supervision.tail(folder)])
    assert len(read) < 100_000
    assert read.endswith(b"\nend\n")
    assert f"40 MB not shown here; all of it is in {folder / 'output'}" in read.decode()
    shown = supervision.output(folder)
    assert len(shown) < supervision.OUTPUT_SHOWN + 300
    assert b"39 MB not shown here" in shown


async def test_no_secret_ever_reaches_the_disk(folder: Path) -> None:
    secret = "correct-horse-battery"  # noqa: S105
    script = 'printf "%s" "${PASSWORD:0:9}"; sleep 0.2; echo "${PASSWORD:9}"; echo "$PASSWORD" >&2'
    output, _ = await run(folder, spec(script), env={"PASSWORD": secret}, secrets=[secret])
    assert "••••" in output
    assert secret.encode() not in everything_in(folder)


def test_what_a_supervisor_does_not_understand_is_not_quoted_in_its_log(folder: Path) -> None:
    supervision.lay_out(folder, spec("true"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", supervisor.__file__, str(folder)],
        input=b'{"env": {"TOKEN": "t0ken-of-mine"}, "secrets": ["t0ken-of-mine"',
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == supervisor.UNUSABLE
    assert b"t0ken" not in done.stdout + done.stderr
    assert supervision.look(folder) is Supervision.NEVER_BEGAN


async def test_the_memory_with_the_secrets_is_never_dumped_but_the_command_may_be(
    folder: Path,
) -> None:
    output, _ = await run(folder, spec("ulimit -c; grep 'core file' /proc/$PPID/limits"))
    own, of_supervisor = output.splitlines()
    soft = resource.getrlimit(resource.RLIMIT_CORE)[0]
    assert own == ("unlimited" if soft == resource.RLIM_INFINITY else str(soft // 1024))
    assert of_supervisor.split()[4] == "0"


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """Mount a disk of 4 MiB at ``place``; skips where that is not allowed."""
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_full_disk_costs_output_but_neither_the_command_nor_its_end(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk"):
        folder, done = tmp_path / "disk" / "step", tmp_path / "done"
        ballast = tmp_path / "disk" / "ballast"
        ballast.write_bytes(bytes(2_500_000))
        # More than the disk and the pipe can hold together.
        start(folder, spec(f"seq 600000; echo end; touch {done}", output_limit=10_000_000))
        async with asyncio.timeout(30):
            while not done.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        # The command is over, but no end is claimed that is not on the disk.
        assert supervision.look(folder) is Supervision.LIVES
        ballast.unlink()
        output, ending = await end(folder)
        assert ending.exit_code == 0
        assert "No space left on device" in ending.output_fault
        # The file tells it; who follows may be too far behind to be shown that place.
        assert "bytes are missing here]" in (folder / "output").read_text()
        assert output.endswith("600000\nend\n")


async def test_what_left_its_group_is_stopped_with_a_cancelled_command(folder: Path) -> None:
    start(folder, spec("trap '' INT; setsid sleep 600 & echo $!; trap - INT; sleep 601"))
    await first_output(folder)
    supervision.cancel(folder)
    output, ending = await end(folder)
    assert ending.cancelled
    assert "cancelled: sending SIGTERM to 1 process it left behind" in output
    assert ending.left_behind == 0


async def test_what_outlives_a_command_that_ended_by_itself_is_counted_and_let_be(
    folder: Path,
) -> None:
    _, ending = await run(folder, spec("setsid sleep 600 > /dev/null 2>&1 & echo $!"))
    left = int(supervision.output(folder))
    assert ending.left_behind == 1
    os.kill(left, signal.SIGKILL)


async def test_what_a_command_used_up_is_recorded(folder: Path) -> None:
    _, ending = await run(folder, spec("for i in {1..20000}; do :; done"))
    assert ending.max_rss_bytes > 1_000_000
    assert ending.cpu_s > 0
    assert ending.started_at <= ending.ended_at


async def test_a_child_left_behind_does_not_hold_up_the_end(folder: Path) -> None:
    output, ending = await run(folder, spec("(sleep 5; echo late) & echo done"))
    assert output == "done\n"
    assert ending.exit_code == 0


async def test_a_folder_is_never_run_twice(folder: Path) -> None:
    await run(folder, spec("echo once >> ran"))
    with pytest.raises(RunError, match="exit status 3"):
        supervision.launch(folder, env=ENV)


def test_of_many_supervisors_only_one_runs_the_command(folder: Path, tmp_path: Path) -> None:
    supervision.lay_out(folder, spec(f"echo ran >> {tmp_path / 'count'}"))
    racers = [
        subprocess.Popen(
            [sys.executable, "-I", "-S", supervisor.__file__, str(folder)], stdin=subprocess.PIPE
        )
        for _ in range(6)
    ]
    for racer in racers:
        assert racer.stdin
        with racer.stdin as handover:
            handover.write(json.dumps({"env": ENV, "secrets": []}).encode())
    codes = sorted(racer.wait(30) for racer in racers)
    asyncio.run(end(folder))
    assert codes == [supervisor.STARTED, *[supervisor.TAKEN] * 5]
    assert (tmp_path / "count").read_text() == "ran\n"


def test_a_command_that_never_began_is_known_not_to_have_run_and_never_will(folder: Path) -> None:
    supervision.lay_out(folder, spec("true"))
    assert supervision.look(folder) is Supervision.NEVER_BEGAN
    with pytest.raises(RunError, match="refused"):
        supervision.launch(folder, env=ENV)


def test_of_a_folder_that_is_gone_nothing_is_known(folder: Path) -> None:
    assert supervision.look(folder) is Supervision.LOST


async def test_a_killed_supervisor_leaves_a_doubt_and_the_surviving_group(folder: Path) -> None:
    start(folder, spec("echo $PPID; sleep 600"))
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


async def test_the_group_of_a_command_is_known_before_its_first_instruction(folder: Path) -> None:
    """A supervisor may be killed at any moment, and nobody may think then that nothing runs."""
    output, ending = await run(folder, spec(f'echo "$$"; echo "$(<{folder}/pid)"'))
    assert ending.exit_code == 0
    own, recorded = output.split()
    assert own == recorded


def test_only_the_owner_can_read_what_a_command_was_given_and_printed(folder: Path) -> None:
    supervision.lay_out(folder, spec("true"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "spec.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the directory should be")
    with pytest.raises(RunError, match="cannot be made"):
        supervision.lay_out(tmp_path / "runs" / "step", spec("true"))
