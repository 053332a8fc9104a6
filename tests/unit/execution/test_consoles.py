"""A console is taken for dead only when it surely is."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.execution.record import consoles
from procedures.execution.record.console_names import where
from procedures.execution.record.consoles import has_ended, this_console

HOST = socket.gethostname()
STARTED = this_console().rpartition("/")[2]


def named_by(process: "subprocess.Popen[str]") -> str:
    """Return the name of a console that is another process."""
    assert process.stdout
    return process.stdout.readline().strip()


def another_console() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from procedures.execution.record.consoles import this_console;"
            "print(this_console(), flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_this_console_lives_and_says_where_it_is() -> None:
    name = this_console()
    assert name.startswith(f"{HOST}/{os.getpid()}/")
    assert not has_ended(name)
    assert where(name) == f"process {os.getpid()} on {HOST}"


def test_a_console_has_ended_once_its_process_is_gone_even_if_nobody_has_waited_for_it() -> None:
    with another_console() as process:
        name = named_by(process)
        assert not has_ended(name)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(name), "a process that only waits to be buried decides nothing any more"
        process.wait()
        assert has_ended(name)


def test_another_process_of_the_same_number_is_another_console() -> None:
    assert has_ended(f"{HOST}/{os.getpid()}/{int(STARTED) - 1}")
    assert not has_ended(f"{HOST}/{os.getpid()}/{STARTED}")


def test_of_a_console_on_another_machine_nothing_is_known() -> None:
    assert not has_ended(f"{HOST}-2/{os.getpid()}/1")
    assert not has_ended(f"{HOST}-2/99999999/1")


@pytest.mark.parametrize("name", ["", "/", "//", HOST, f"{HOST}/", f"{HOST}//1", f"{HOST}/x/1"])
def test_a_name_that_is_none_is_not_taken_for_a_dead_console(name: str) -> None:
    assert not has_ended(name)


@pytest.mark.parametrize("process", ["0", "99999999999999999999999", "٣٣٣٣٣٣٣٣"])
def test_a_number_that_no_process_has_is_a_dead_console(process: str) -> None:
    assert has_ended(f"{HOST}/{process}/1")


@given(st.text(), st.sampled_from(["", HOST, f"{HOST}/1/"]))
def test_any_name_can_be_asked_after(text: str, before: str) -> None:
    has_ended(before + text)
    assert where(before + text)


def test_a_process_that_proc_hides_from_this_user_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where /proc is mounted with hidepid, it shows an operator only their own processes."""
    name = f"{HOST}/{os.getpid()}/{STARTED}"
    monkeypatch.setattr(consoles, "_started", lambda _: "")
    monkeypatch.setattr(consoles, "Path", lambda _: Path("/nonexistent"))

    def forbidden(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    assert not has_ended(name)


def test_a_program_may_be_called_anything() -> None:
    """The name stands in parentheses in the middle of what is read, and may hold some itself."""
    program = "import ctypes, sys; ctypes.CDLL(None).prctl(15, b') R 1 2 (x)', 0, 0, 0);"
    program += "from procedures.execution.record.consoles import this_console;"
    program += "print(this_console(), flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as process:
        name = named_by(process)
        assert int(name.rpartition("/")[2]) >= int(STARTED)
        assert not has_ended(name)
        process.communicate("")
    assert has_ended(name)
