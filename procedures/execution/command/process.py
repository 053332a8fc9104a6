"""The process of a command, on a pipe or a terminal: started, followed, stopped, accounted for.

Standard library only.
"""

import fcntl
import os
import resource
import select
import subprocess
import sys
import termios
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from procedures.execution.command.descendants import descendants
from procedures.execution.command.kept_output import KeptOutput
from procedures.execution.command.pseudo_terminal import TERM, PseudoTerminal
from procedures.execution.command.stopping import Stop
from procedures.execution.private_files import write_atomically

OUTPUT_LIMIT = 256 * 1024**2
"""Bytes of the beginning of the output that are kept."""

_TICK_S = 0.1
"""How soon a cancellation, a timeout or an end without end of output is noticed."""

_SILENCE_S = 0.02
"""After how much silence of a command on a terminal its unfinished line is shown: a prompt."""

_LINGER_S = 0.5
"""How long output is still read from children that outlive the command itself."""

_CHUNK = 64 * 1024
_PIPE_SIZE = 1024**2
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to run, as ``FOLDER/spec.json`` has it; see ``supervision.CommandSpec``."""

    argv: list[str]
    cwd: str
    timeout_s: float
    grace_s: float
    output_limit: int = OUTPUT_LIMIT
    terminal: bool = False
    rows: int = 24
    cols: int = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What must not be on the disk: the command's whole environment, and values to mask."""

    env: dict[str, str] = field(repr=False)
    secrets: list[str] = field(repr=False)


class CommandProcess:
    """The running command; OSError or ValueError when it cannot start."""

    def __init__(self, folder: Path, spec: Spec, handover: Handover) -> None:
        self._folder = folder
        self._deadline = time.monotonic() + spec.timeout_s
        self._timeout_s = spec.timeout_s
        self._terminal: PseudoTerminal | None = None
        env = handover.env
        if spec.terminal:
            self._terminal = PseudoTerminal(folder, rows=spec.rows, cols=spec.cols)
            self._source, self._outlet = self._terminal.master, self._terminal.slave
            env = env | {"TERM": TERM}
        else:
            self._source, self._outlet = _wide_pipe()
        self._process = _start(folder, spec, env, self._outlet)
        self._source_ended = False
        self._end = _end_of(self._process.pid)
        self._usage: resource.struct_rusage | None = None
        self._left_behind = 0
        self._next_look = 0.0
        self._unfinished = False
        if not self._terminal:
            self._release_outlet()

    @property
    def pid(self) -> int:
        """Its process id, which is also its process group."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the command itself has ended; what it started may live on."""
        return self._usage is not None

    def follow(self, output: KeptOutput, stop: Stop) -> None:
        """Keep its output until it has ended, and stop it when that is asked for."""
        linger_until = 0.0
        while True:
            self._exchange(output)
            self._reap()
            now = time.monotonic()
            if now >= self._next_look:
                self._next_look = now + _TICK_S
                self._look_around(stop)
            if not self.has_ended:
                continue
            self._release_outlet()
            linger_until = linger_until or now + _LINGER_S
            if (self._source_ended or now >= linger_until) and self._is_over(stop):
                break
        self._left_behind = len(descendants())

    def status(self) -> dict[str, object]:
        """Return how it ended, and what it used up with the children it waited for."""
        returncode, usage = self._process.returncode, self._usage
        return {
            "exit_code": returncode if returncode >= 0 else None,
            "signal": -returncode if returncode < 0 else None,
            "max_rss_bytes": usage.ru_maxrss * _MAXRSS_UNIT if usage else 0,
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 3) if usage else 0.0,
            "left_behind": self._left_behind,
        }

    def close(self) -> None:
        """Let go of the pipe or the terminal; who still has it open gets to know."""
        os.close(self._source)
        if self._terminal:
            self._terminal.close()

    def _exchange(self, output: KeptOutput) -> None:
        """Wait for output, keys or the end, at most for a tick, and pass on what there is."""
        terminal = self._terminal
        sources = [] if self._source_ended else [self._source]
        readers, writers = list(sources), list[int]()
        if not self.has_ended:
            readers += self._end
            if terminal and terminal.has_waiting:
                writers = sources
            elif terminal:
                readers.append(terminal.keys)
        wait_s = _SILENCE_S if self._unfinished else _TICK_S
        readable, writable, _ = select.select(readers, writers, [], wait_s)
        if sources and self._source in readable:
            self._take_output(output)
        elif self._unfinished:
            output.flush()
            self._unfinished = False
        if terminal and terminal.keys in readable:
            terminal.take_keys()
        if terminal and writable:
            terminal.type_waiting()

    def _take_output(self, output: KeptOutput) -> None:
        try:
            chunk = os.read(self._source, _CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""  # A terminal that nobody has open any more.
        if not chunk:
            self._source_ended = True
            return
        output.write(chunk)
        if self._terminal:
            self._terminal.notice(chunk)
            self._unfinished = True

    def _reap(self) -> None:
        """Take note of the command's end, and of those of orphans that came to this process."""
        with suppress(ChildProcessError):
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, usage = ended
                if pid == self.pid:
                    self._process.returncode = os.waitstatus_to_exitcode(status)
                    self._usage = usage

    def _look_around(self, stop: Stop) -> None:
        if not self.has_ended:
            if (self._folder / "cancel").exists():
                stop.begin("cancelled")
            if time.monotonic() >= self._deadline:
                stop.begin(f"timed out after {self._timeout_s:g} s")
            if self._terminal:
                self._terminal.look_at_size()
        elif not descendants():
            return
        foreground = self._terminal.foreground_group() if self._terminal else None
        stop.advance(self.pid, foreground, has_ended=self.has_ended)

    def _is_over(self, stop: Stop) -> bool:
        return not stop.reason or stop.is_out_of_means or not descendants()

    def _release_outlet(self) -> None:
        """Close the command's end here, so that the end of its output is noticed.

        That of a terminal stays open while the command lives, which may let go of it for a while.
        """
        if self._outlet >= 0:
            os.close(self._outlet)
            self._outlet = -1


def _start(folder: Path, spec: Spec, env: dict[str, str], outlet: int) -> subprocess.Popen[bytes]:
    core = resource.getrlimit(resource.RLIMIT_CORE)

    def prepare() -> None:
        # Here, and not once it runs: whenever the supervisor is killed, whoever finds the folder
        # unlocked finds the group as well, for until then this process holds the lock with it.
        with suppress(OSError):
            write_atomically(folder / "pid", str(os.getpid()))
        resource.setrlimit(resource.RLIMIT_CORE, core)
        if spec.terminal:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    # This process holds secrets; the command may dump its own memory if it was allowed to.
    resource.setrlimit(resource.RLIMIT_CORE, (0, core[1]))
    return subprocess.Popen(
        spec.argv,
        env=env,
        cwd=spec.cwd,
        stdin=outlet if spec.terminal else subprocess.DEVNULL,
        stdout=outlet,
        stderr=outlet,
        start_new_session=True,
        preexec_fn=prepare,
    )


def _wide_pipe() -> tuple[int, int]:
    source, outlet = os.pipe()
    with suppress(AttributeError, OSError):
        # Fewer turns for a command that prints much; only Linux can.
        fcntl.fcntl(source, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    return source, outlet


def _end_of(pid: int) -> list[int]:
    """Return a descriptor that becomes readable when the process ends, where there is such."""
    with suppress(AttributeError, OSError):
        return [os.pidfd_open(pid)]
    return []
