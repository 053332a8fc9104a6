"""Runs one command to its end, whatever becomes of the console that asked for it.

``python -m procedures.execution.supervisor FOLDER`` reads ``FOLDER/spec.json`` and returns at once:
0 when the command is under supervision, 3 when it already is or was, 2 when it cannot be. The
supervisor itself stays behind in a session of its own, and leaves in the folder:

========== =====================================================================================
lock       created exclusively, so that a folder runs at most once, and locked while it lives
pid        process group of the command
output     what the command printed, both streams, up to a bound
status     ``status.json``, complete or absent: how and when the command ended
========== =====================================================================================

Whoever creates ``FOLDER/cancel`` cancels it; so does a signal to the supervisor. It depends on
nothing outside the standard library and starts without the rest of the package, to start fast.
"""

import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, cast

STARTED, UNUSABLE, TAKEN = 0, 2, 3
"""Exit codes of the call that leaves the supervisor behind."""

OUTPUT_LIMIT = 64 * 1024**2
"""Bytes of output that are kept; the rest is read and dropped."""

_TICK_S = 0.1
"""How soon a cancellation, a timeout or an end without end of output is noticed."""

_LINGER_S = 0.5
"""How long output is still read from children that outlive the command itself."""

_CHUNK = 64 * 1024
_ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    argv: list[str]
    env: dict[str, str]
    cwd: str
    timeout_s: float
    grace_s: float
    output_limit: int = OUTPUT_LIMIT


@dataclass(slots=True)
class _Output:
    """The bounded output file; a disk that is full costs output, never the command."""

    file: IO[bytes]
    left: int
    fault: str = ""

    def write(self, chunk: bytes) -> None:
        if self.fault:
            return
        kept, self.left = chunk[: self.left], self.left - len(chunk)
        if self.left < 0:
            self.fault = "the output was too long; the rest was not kept"
            kept += f"\n[{self.fault}]\n".encode()
        try:
            self.file.write(kept)
        except OSError as error:
            self.fault = f"the output could not be kept: {error.strerror}"

    def mark(self, text: str) -> None:
        """Note what the supervisor does, among the output that it belongs to."""
        self.write(f"\n[{text}]\n".encode())


@dataclass(slots=True)
class _Stop:
    """Ends a process group step by step: INT, TERM, KILL, with time in between."""

    grace_s: float
    reason: str = ""
    next_at: float = 0.0
    signals: Iterator[signal.Signals] = field(default_factory=lambda: iter(_ESCALATION))

    def begin(self, reason: str) -> None:
        self.reason = self.reason or reason

    def advance(self, group: int, output: _Output) -> None:
        if not self.reason or time.monotonic() < self.next_at:
            return
        step = next(self.signals, None)
        if step is None:
            return
        output.mark(f"{self.reason}: sending {step.name}")
        _signal_group(group, step)
        self.next_at = time.monotonic() + self.grace_s


def main(argv: list[str]) -> int:
    """Leave a supervisor behind for the folder that ``argv`` names."""
    if len(argv) != 1:
        sys.stderr.write("usage: python -m procedures.execution.supervisor FOLDER\n")
        return UNUSABLE
    folder = Path(argv[0]).resolve()
    try:
        spec = _Spec(**json.loads((folder / "spec.json").read_bytes()))
        if not _take(folder):
            return TAKEN
    except (OSError, TypeError, ValueError) as error:
        sys.stderr.write(f"{folder}: {error}\n")
        return UNUSABLE
    if os.fork():
        return STARTED
    os.setsid()
    _supervise(folder, spec)
    return STARTED


def _take(folder: Path) -> bool:
    """Claim ``folder`` for the life of this process and of what it forks."""
    # The lock is locked before it has its name, so that nobody ever sees it free too early.
    unnamed = folder / f".lock.{os.getpid()}"
    lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        (folder / "lock").hardlink_to(unnamed)
    except FileExistsError:
        return False
    finally:
        unnamed.unlink()
    return True


def _supervise(folder: Path, spec: _Spec) -> None:
    stop = _Stop(grace_s=spec.grace_s)
    _listen_for_signals(stop)
    started_at = datetime.now(UTC)
    with _open_private(folder / "output") as file:
        output = _Output(file=file, left=spec.output_limit)
        try:
            process = _start(spec)
        except OSError as error:
            output.mark(f"cannot start {spec.argv[0]}: {error.strerror}: {error.filename}")
            returncode = 127
        else:
            _write_atomically(folder / "pid", str(process.pid))
            returncode = _follow(process, folder, spec, output, stop)
    _write_atomically(
        folder / "status.json",
        json.dumps(
            {
                "exit_code": returncode if returncode >= 0 else None,
                "signal": -returncode if returncode < 0 else None,
                "started_at": started_at.isoformat(),
                "ended_at": datetime.now(UTC).isoformat(),
                "timed_out": stop.reason.startswith("timed out"),
                "cancelled": stop.reason == "cancelled",
                "output_fault": output.fault,
            }
        ),
    )


def _listen_for_signals(stop: _Stop) -> None:
    def cancel(_number: int, _frame: FrameType | None) -> None:
        stop.begin("cancelled")

    signal.signal(signal.SIGINT, cancel)
    signal.signal(signal.SIGTERM, cancel)
    # A handler and not SIG_IGN, which the command would inherit.
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)


def _start(spec: _Spec) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        spec.argv,
        env=spec.env,
        cwd=spec.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
    )


def _follow(
    process: subprocess.Popen[bytes], folder: Path, spec: _Spec, output: _Output, stop: _Stop
) -> int:
    """Keep the output until the command has ended; return its ``returncode``."""
    deadline = time.monotonic() + spec.timeout_s
    pipe = cast("IO[bytes]", process.stdout)
    with selectors.DefaultSelector() as selector, pipe:
        selector.register(pipe, selectors.EVENT_READ)
        linger_until = 0.0
        while True:
            if selector.get_map():
                for _key, _events in selector.select(_TICK_S):
                    _keep(pipe, selector, output)
            else:
                _await_end(process)
            if process.poll() is None:
                if (folder / "cancel").exists():
                    stop.begin("cancelled")
                if time.monotonic() >= deadline:
                    stop.begin(f"timed out after {spec.timeout_s:g} s")
                stop.advance(process.pid, output)
                continue
            linger_until = linger_until or time.monotonic() + _LINGER_S
            if not selector.get_map() or time.monotonic() >= linger_until:
                break
    if stop.reason:
        _signal_group(process.pid, signal.SIGKILL)
    return process.returncode


def _keep(pipe: IO[bytes], selector: selectors.BaseSelector, output: _Output) -> None:
    if chunk := os.read(pipe.fileno(), _CHUNK):
        output.write(chunk)
    else:
        selector.unregister(pipe)


def _await_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_TICK_S)
    except subprocess.TimeoutExpired:
        return


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _open_private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb", 0)


def _write_atomically(path: Path, text: str) -> None:
    """Write ``path`` so that it is complete and on the disk, or absent."""
    partial = path.with_name(f".{path.name}")
    with _open_private(partial) as file:
        file.write(text.encode())
        os.fsync(file.fileno())
    partial.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
