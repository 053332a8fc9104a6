"""Real programs look on our terminal as they do on tmux's, cell by cell."""

import asyncio
import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from procedures.execution.command import supervision
from procedures.execution.command.supervision import CommandSpec
from procedures.execution.command.terminal.screen import TerminalScreen
from tests.e2e.terminal import missing_tmux, wait_until

ROWS, COLS = 24, 80
ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent", "PS1": "$ "}
TEXT = "\n".join(
    f"{n:4} a line about 漢字 and e\u0301tude number {n} " + "=" * (n % 90) for n in range(200)
)

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def tmux() -> None:
    if missing := missing_tmux():
        pytest.skip(missing)


async def recorded(tmp_path: Path, argv: Sequence[str], turns: Sequence[tuple[str, str]]) -> bytes:
    """Return what a program printed until the last ``turns`` (keys, what then appears) was seen."""
    folder = tmp_path / "step"
    spec = CommandSpec(argv=argv, cwd=str(tmp_path), timeout_s=60, grace_s=0.1, terminal=True)
    supervision.lay_out(folder, spec)
    supervision.launch(folder, env=ENV)
    screen, seen = TerminalScreen(ROWS, COLS), b""
    left = list(turns)
    async with asyncio.timeout(30):
        async for chunk in supervision.tail(folder):
            seen += chunk
            screen.feed(chunk)
            while left and left[0][1] in screen.text():
                left.pop(0)
                if left:
                    supervision.type_keys(folder, left[0][0].encode())
            if not left:
                break
    supervision.cancel(folder)
    async with asyncio.timeout(30):
        async for _ in supervision.tail(folder):
            pass
    assert not left, f"{left[0]} did not come about:\n{screen.text()}"
    return seen


def shown_by_tmux(tmp_path: Path, data: bytes) -> str:
    """Return what a tmux pane shows after these bytes."""
    (tmp_path / "data").write_bytes(data)
    folder = shlex.quote(str(tmp_path))
    script = f"cd {folder}; stty raw -echo; cat data; touch done; sleep 60"
    socket = ["tmux", "-u", "-S", str(tmp_path / "socket"), "-f", os.devnull]
    size = ["-x", str(COLS), "-y", str(ROWS)]
    subprocess.run([*socket, "new-session", "-d", *size, script], env=ENV, check=True)

    def picture() -> str:
        capture = [*socket, "capture-pane", "-p"]
        text = subprocess.run(capture, env=ENV, check=True, capture_output=True, text=True).stdout
        return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")

    try:
        wait_until((tmp_path / "done").exists, "end of the bytes")
        before = ""
        # The bytes are written; tmux may still be at it.
        for _ in range(100):
            now = picture()
            if now and now == before:
                break
            before = now
        return before
    finally:
        subprocess.run([*socket, "kill-server"], env=ENV, check=False)


@pytest.mark.parametrize(
    ("argv", "turns"),
    [
        pytest.param(
            ["bash", "--norc", "--noprofile", "-i"],
            [
                ("", "$"),
                ("echo one two three\x1b[D\x1b[D\x17X \r", "one two"),
                ("ls /nonexis\t; printf '\\033[5;10Hthere\\033[7mrev\\033[m'; echo over\r", "over"),
                ("\x12one", "reverse-i-search"),
            ],
            id="bash",
        ),
        pytest.param(
            ["less", "text"],
            [
                ("", "text"),
                (" ", "number 30"),
                ("/number 100\r", "number 100"),
                ("kk", "number 98"),
            ],
            id="less",
        ),
        pytest.param(
            ["vi", "-u", "NONE", "-N", "text"],
            [
                ("", "number 3"),
                ("/number 77\r", "number 77"),
                ("ddOnew line \u6f22\x1b:set number\r", "new line"),
                (":split\r\x06", "text"),
            ],
            id="vi",
        ),
        pytest.param(
            ["python3", "-q"],
            [("", ">>>"), ("for n in range(30): print(n, '*' * n)\r\r", "29 ***")],
            id="python",
        ),
        pytest.param(["top", "-n", "2", "-d", "0.2"], [("", "PID")], id="top"),
        pytest.param(
            [
                "bash",
                "-c",
                "for n in {1..100}; do printf '%s\\t' $n; done; printf '\\r%s' end; cat",
            ],
            [("", "end")],
            id="tabs",
        ),
    ],
)
async def test_a_program_looks_as_it_does_on_tmux(
    tmp_path: Path, argv: Sequence[str], turns: Sequence[tuple[str, str]]
) -> None:
    (tmp_path / "text").write_text(TEXT)
    data = await recorded(tmp_path, argv, turns)
    screen = TerminalScreen(ROWS, COLS)
    screen.feed(data)
    assert screen.text() == await asyncio.to_thread(shown_by_tmux, tmp_path, data)
