"""Commands that ask questions: on a real terminal of their own, whichever console is there."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.command import supervision
from procedures.execution.command.supervision import CommandSpec, Supervision
from procedures.execution.command.terminal.screen import TerminalScreen

ENV = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HISTFILE": "", "PS1": "ready> "}
PATIENCE_S = 30


class Console:
    """A console that shows one terminal and can be closed at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.screen = TerminalScreen(24, 80)

    async def see(self, text: str) -> None:
        """Wait until the screen shows ``text``."""
        async with asyncio.timeout(PATIENCE_S), aclosing(self._read()) as screens:
            async for _ in screens:
                if text in self.screen.text():
                    return
        raise AssertionError(f"ended without {text!r}:\n{self.screen.text()}")

    async def _read(self) -> AsyncGenerator[None, None]:
        self.screen = TerminalScreen(24, 80)
        async for chunk in supervision.tail(self.folder):
            self.screen.feed(chunk)
            yield

    async def end(self) -> supervision.Ending:
        """Wait until the command has ended."""
        async with asyncio.timeout(PATIENCE_S):
            async for _ in self._read():
                pass
        return supervision.ending(self.folder)

    def type(self, text: str) -> None:
        supervision.type_keys(self.folder, text.encode())


def start(folder: Path, *argv: str, secrets: tuple[str, ...] = (), grace_s: float = 0.3) -> Console:
    spec = CommandSpec(argv=argv, cwd="/", timeout_s=60, grace_s=grace_s, terminal=True)
    supervision.lay_out(folder, spec)
    supervision.launch(folder, env=ENV, secrets=secrets)
    return Console(folder)


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "step"


async def test_a_question_is_shown_before_its_line_ends_and_takes_an_answer(folder: Path) -> None:
    console = start(folder, "bash", "-c", 'read -rp "Name: " name; echo "Hello $name"; exit 3')
    await console.see("Name:")
    console.type("Ada\r")
    await console.see("Hello Ada")
    assert (await console.end()).exit_code == 3


async def test_another_console_goes_on_where_one_went_away(folder: Path) -> None:
    console = start(folder, "bash", "-c", 'read -rp "First: " a; read -rp "Second: " b; echo $a$b')
    await console.see("First:")
    console.type("one\r")
    del console
    assert supervision.look(folder) is Supervision.LIVES
    other = Console(folder)
    await other.see("Second:")
    other.type("two\r")
    await other.see("onetwo")
    assert (await other.end()).exit_code == 0


async def test_what_is_typed_without_echo_is_nowhere(folder: Path) -> None:
    console = start(folder, "bash", "-c", 'read -rsp "Password: " p; echo; echo ${#p}')
    await console.see("Password:")
    console.type("hunter2hunter2\r")
    await console.see("14")
    await console.end()
    assert b"hunter2" not in everything_in(folder)


async def test_a_secret_is_redacted_on_a_terminal_too(folder: Path) -> None:
    script = 'printf "key is s3cr"; sleep 0.3; printf "3t-value"; read -r _'
    console = start(folder, "bash", "-c", script, secrets=("s3cr3t-value",))
    await console.see("key is ••••")
    console.type("\r")
    await console.end()
    assert b"s3cr" not in (folder / "output").read_bytes()


async def test_it_is_a_real_terminal_that_controls_its_jobs(folder: Path) -> None:
    console = start(folder, "bash", "--norc", "-i")
    await console.see("ready>")
    console.type("tty; echo $TERM; sleep 600\r")
    await console.see("/dev/pts/")
    await console.see("xterm-256color")
    console.type("\x03")
    console.type("echo status $?\r")
    await console.see("status 130")
    console.type("exit 5\r")
    assert (await console.end()).exit_code == 5


async def test_its_size_follows_the_console(folder: Path) -> None:
    console = start(folder, "bash", "--norc", "-i")
    await console.see("ready>")
    console.type("stty size\r")
    await console.see("24 80")
    console.type("trap 'echo now $(stty size)' WINCH; echo armed\r")
    await console.see("armed\n")
    supervision.resize(folder, 30, 100)
    await console.see("now 30 100")
    console.type("exit\r")
    await console.end()


async def test_a_program_that_asks_the_terminal_is_answered_without_any_console(
    folder: Path,
) -> None:
    script = r'stty -icanon -echo; printf "\n\n   \e[6n"; read -rd R a; printf "<%q>" "$a"'
    console = start(folder, "bash", "-c", script)
    assert (await console.end()).exit_code == 0
    assert "[3\\;4" in console.screen.text() or "[3;4" in console.screen.text()


async def test_cancelling_reaches_what_runs_in_the_foreground_first(folder: Path) -> None:
    console = start(folder, "bash", "--norc", "-i")
    await console.see("ready>")
    console.type("sh -c \"trap 'echo got INT' INT; echo on; sleep 600; sleep 600\"\r")
    await console.see("\non")
    supervision.cancel(folder)
    ending = await console.end()
    assert ending.cancelled
    assert "got INT" in console.screen.text()
    assert "cancelled: sending SIGKILL" in console.screen.text()


async def test_a_program_that_lets_go_of_its_terminal_can_take_it_up_again(folder: Path) -> None:
    script = "exec < /dev/null > /dev/null 2>&1; sleep 0.3; echo back > /dev/tty"
    console = start(folder, "bash", "-c", script)
    await console.end()
    assert "back" in console.screen.text()


async def test_much_that_is_pasted_arrives_whole(folder: Path) -> None:
    console = start(folder, "bash", "-c", "stty -icanon -echo; echo go; head -c 200000 | wc -c")
    await console.see("go")
    await asyncio.to_thread(console.type, "x" * 200_000)
    await console.see("200000")
    await console.end()


async def test_keys_for_a_command_that_has_ended_are_refused(folder: Path) -> None:
    console = start(folder, "true")
    await console.end()
    with pytest.raises(RunError, match="no terminal any more"):
        console.type("x")
