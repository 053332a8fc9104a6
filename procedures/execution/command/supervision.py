"""The console's side of a supervised command: start it, ask after it, cancel it, read its output.

Everything goes through the folder that :mod:`procedures.execution.command.supervisor` describes, so
that any console can do it, not only the one that started the command.
"""

import asyncio
import errno
import fcntl
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from signal import Signals

from procedures.errors import RunError
from procedures.execution.command import supervisor
from procedures.execution.command.process import OUTPUT_LIMIT
from procedures.execution.command.pseudo_terminal import ask_for_size

OUTPUT_SHOWN = 1024**2
"""Bytes of output that :func:`output` returns at most: half from the beginning, half of the end."""

BEHIND = 1024**2
"""Bytes that a reader of :func:`tail` may be behind before it skips ahead."""

_LAUNCH_TIMEOUT_S = 10.0
_LOOK_S = 0.1
_LOOK_AGAIN_S = 0.5
"""How long to wait after skipping: who prints that much is not read word by word."""

_TYPING_TIMEOUT_S = 2.0
_CHUNK = 16 * 1024
"""Bytes read at once: making them fit to be shown takes some 3 ms of the event loop at most."""

_LAST = 64 * 1024
"""Bytes that are still read when the others are skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """What to run.

    Attributes:
        grace_s: Seconds between INT, TERM and KILL when it is stopped.
        output_limit: Bytes of the beginning of the output to keep; a little of its end is kept too.
        terminal: It asks questions, and gets a terminal of ``rows`` and ``cols`` to do so.
    """

    argv: Sequence[str]
    cwd: str
    timeout_s: float
    grace_s: float = 5.0
    output_limit: int = OUTPUT_LIMIT
    terminal: bool = False
    rows: int = 24
    cols: int = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a command ended.

    Attributes:
        exit_code: None if a signal ended it.
        signal: Number of that signal.
        output_fault: Why the output is not complete; empty if it is.
        max_rss_bytes: Most memory that it, or a child it waited for, ever had in use.
        cpu_s: Processor time of it and of the children it waited for.
        left_behind: Processes that it started and that were still there.
    """

    exit_code: int | None
    signal: int | None
    started_at: datetime
    ended_at: datetime
    timed_out: bool
    cancelled: bool
    output_fault: str = ""
    max_rss_bytes: int = 0
    cpu_s: float = 0.0
    left_behind: int = 0

    @property
    def reason(self) -> str:
        """Why it did not succeed, for an operator; empty if it did."""
        if self.timed_out:
            return "it took too long and was stopped"
        if self.cancelled:
            return "it was cancelled"
        if self.signal:
            return f"it was ended by {Signals(self.signal).name}"
        return f"it ended with exit status {self.exit_code}" if self.exit_code else ""


class Supervision(Enum):
    """What has become of a command, as its folder shows."""

    LIVES = "lives"
    ENDED = "ended"
    LOST = "lost"
    """Its supervisor is gone and left no status: the command may have done anything."""
    NEVER_BEGAN = "never began"
    """No supervisor has taken it up; the folder is claimed now, so none will."""
    NOT_BEGUN = "not begun"
    """No supervisor has taken it up, and one may do so at any moment."""


def lay_out(folder: Path, spec: CommandSpec) -> None:
    """Make ``folder`` ready for :func:`launch`; nothing runs yet. RunError if it cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True)
        specification = folder / "spec.json"
        specification.touch(mode=0o600)
        specification.write_text(json.dumps(asdict(spec)))
    except OSError as error:
        raise RunError(
            f"the folder of the step cannot be made: {folder}: {error.strerror}",
            fix=f"Check the free space and the permissions of {folder.parent}",
        ) from error


def launch(folder: Path, *, env: Mapping[str, str], secrets: Iterable[str] = ()) -> None:
    """Leave the command of ``folder`` running under a supervisor; blocks until it is.

    Raises RunError when the supervisor cannot be started or refuses; :func:`look` then tells
    whether the command runs all the same.

    Args:
        folder: As :func:`lay_out` made it.
        env: The whole environment; nothing else is inherited. It is not written to the disk.
        secrets: Values to take out of the output before it is written.
    """
    handover = json.dumps({"env": dict(env), "secrets": list(secrets)})
    try:
        with (folder / "supervisor.log").open("wb") as log:
            # Isolated: neither PYTHONPATH nor a module in the present directory can get in.
            status = subprocess.run(
                [sys.executable, "-I", "-S", supervisor.__file__, str(folder)],
                input=handover.encode("ascii"),
                stdout=log,
                stderr=log,
                cwd="/",
                timeout=_LAUNCH_TIMEOUT_S,
                check=False,
            ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RunError(
            f"the supervisor of the step cannot start: {error}", fix=f"Check {folder}"
        ) from error
    if status != supervisor.STARTED:
        raise RunError(
            f"the supervisor of the step refused to start (exit status {status})",
            fix=f"Read {folder / 'supervisor.log'}",
        )


def look(folder: Path, *, claim: bool = True) -> Supervision:
    """Tell what has become of the command of ``folder``; claims it if it never began.

    Args:
        folder: As :func:`lay_out` made it.
        claim: False: another console may be about to start the command, and is let do so.
    """
    if _is_locked(folder):
        return Supervision.LIVES
    # In this order: a supervisor writes its status before it lets go of the lock.
    if (folder / "status.json").exists():
        return Supervision.ENDED
    if not claim and folder.is_dir() and not (folder / "lock").exists():
        return Supervision.NOT_BEGUN
    return Supervision.NEVER_BEGAN if _claim(folder) else Supervision.LOST


async def until_begun(folder: Path) -> None:
    """Wait until a supervisor has taken the command up, as long as that may take at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAUNCH_TIMEOUT_S):
            while True:
                found = await asyncio.to_thread(look, folder, claim=False)
                if found is not Supervision.NOT_BEGUN:
                    return
                await asyncio.sleep(_LOOK_S)


def ending(folder: Path) -> Ending:
    """Return how the command ended; RunError if that was not recorded."""
    try:
        status = json.loads((folder / "status.json").read_bytes())
        moments = {
            name: datetime.fromisoformat(status[name]) for name in ("started_at", "ended_at")
        }
        return Ending(**{**status, **moments})
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"the end of the command cannot be read: {error}", fix=f"Look into {folder}"
        ) from error


def cancel(folder: Path) -> None:
    """Ask the supervisor to stop the command: INT, then TERM, then KILL."""
    try:
        (folder / "cancel").touch(mode=0o600)
    except OSError as error:
        raise RunError(
            f"the step cannot be cancelled: {error.strerror}", fix=f"Check {folder}"
        ) from error


def surviving_group(folder: Path) -> int | None:
    """Return the process group of a command that still runs without its supervisor, if any."""
    try:
        group = int((folder / "pid").read_text())
        os.killpg(group, 0)
    except (OSError, ValueError):
        return None
    return group


def type_keys(folder: Path, data: bytes) -> None:
    """Hand ``data`` to a command on a terminal, as if it had been typed there.

    Raises RunError when nothing takes it: the command has ended, or does not read.
    """
    try:
        keys = os.open(folder / "keys", os.O_WRONLY | os.O_NONBLOCK)
        try:
            _write_all(keys, data)
        finally:
            os.close(keys)
    except (FileNotFoundError, BrokenPipeError) as error:
        raise _not_typed("it has no terminal any more", folder) from error
    except OSError as error:
        no_reader = error.errno == errno.ENXIO
        what = "its supervisor is gone" if no_reader else str(error.strerror or error)
        raise _not_typed(what, folder) from error


def resize(folder: Path, rows: int, cols: int) -> None:
    """Tell a command on a terminal how large that is now; RunError if it cannot be told."""
    try:
        ask_for_size(folder, rows, cols)
    except OSError as error:
        raise RunError(
            f"the terminal of the step cannot be resized: {error.strerror}", fix=f"Check {folder}"
        ) from error


def output(folder: Path) -> bytes:
    """Return the output so far; of one over OUTPUT_SHOWN bytes, its beginning and its end."""
    half = OUTPUT_SHOWN // 2
    try:
        with (folder / "output").open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= OUTPUT_SHOWN:
                return file.read(OUTPUT_SHOWN)
            beginning = file.read(half)
            file.seek(size - half)
            return beginning + _not_shown(size - 2 * half, folder) + file.read(half)
    except OSError:
        return b""


async def tail(folder: Path, *, behind: int = BEHIND) -> AsyncIterator[bytes]:
    """Yield the output from its beginning, until the supervisor is gone and all of it is read.

    Where more than ``behind`` bytes are waiting, all but the last are skipped, and a mark says so.
    """
    position = 0
    while True:
        over = not await asyncio.to_thread(_is_locked, folder)
        skipped = False
        while True:
            position, chunk, left_out = await asyncio.to_thread(_read, folder, position, behind)
            if not chunk:
                break
            yield chunk
            if left_out:
                skipped = True
                if not over:
                    break
        if over:
            return
        await asyncio.sleep(_LOOK_AGAIN_S if skipped else _LOOK_S)


def _read(folder: Path, position: int, behind: int) -> tuple[int, bytes, int]:
    """Return where to go on, the next bytes, and how many were left out before them."""
    try:
        with (folder / "output").open("rb") as file:
            left_out = 0
            if (size := os.fstat(file.fileno()).st_size) - position > behind:
                left_out = size - _LAST - position
                position += left_out
            file.seek(position)
            chunk = file.read(_CHUNK)
    except OSError:
        return position, b"", 0
    mark = _not_shown(left_out, folder) if left_out else b""
    return position + len(chunk), mark + chunk, left_out


def _not_shown(count: int, folder: Path) -> bytes:
    amount = f"{count / 1e6:.0f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
    mark = f"[… {amount} not shown here; all of it is in {folder / 'output'}]"
    return b"\r\n" + os.fsencode(mark) + b"\r\n"


def _write_all(descriptor: int, data: bytes) -> None:
    deadline = time.monotonic() + _TYPING_TIMEOUT_S
    while data:
        try:
            data = data[os.write(descriptor, data[: select.PIPE_BUF]) :]
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            select.select([], [descriptor], [], _LOOK_S)


def _not_typed(what: str, folder: Path) -> RunError:
    return RunError(f"the step took no keys: {what}", fix=f"Look at its output in {folder}")


def _is_locked(folder: Path) -> bool:
    try:
        lock = os.open(folder / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two consoles that ask at once do not take each other for a supervisor.
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _claim(folder: Path) -> bool:
    try:
        os.close(os.open(folder / "lock", os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        # Taken before, or the folder itself is gone: then nothing is known of the command.
        return False
    return True
