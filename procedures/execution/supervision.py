"""The console's side of a supervised command: start it, ask after it, cancel it, read its output.

Everything goes through the folder that :mod:`procedures.execution.supervisor` describes, so that
any console can do it, not only the one that started the command.
"""

import asyncio
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from signal import Signals

from procedures.errors import RunError
from procedures.execution import supervisor

_LAUNCH_TIMEOUT_S = 10.0
_LOOK_S = 0.1
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """What to run.

    Attributes:
        env: The whole environment; nothing else is inherited.
        grace_s: Seconds between INT, TERM and KILL when it is stopped.
        output_limit: Bytes of output to keep.
    """

    argv: Sequence[str]
    env: dict[str, str]
    cwd: str
    timeout_s: float
    grace_s: float = 5.0
    output_limit: int = supervisor.OUTPUT_LIMIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a command ended.

    Attributes:
        exit_code: None if a signal ended it.
        signal: Number of that signal.
        output_fault: Why the output is not complete; empty if it is.
    """

    exit_code: int | None
    signal: int | None
    started_at: datetime
    ended_at: datetime
    timed_out: bool
    cancelled: bool
    output_fault: str = ""

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


def lay_out(folder: Path, spec: CommandSpec) -> None:
    """Make ``folder`` ready for :func:`launch`; nothing runs yet. RunError if it cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True)
        specification = folder / "spec.json"
        specification.touch(mode=0o600)
        specification.write_text(json.dumps(asdict(spec)))
    except OSError as error:
        raise RunError(
            f"the folder of the step cannot be made: {error}",
            fix=f"Check the free space and the permissions of {folder.parent}",
        ) from error


def launch(folder: Path) -> None:
    """Leave the command of ``folder`` running under a supervisor; blocks until it is.

    Raises RunError when the supervisor cannot be started or refuses; :func:`look` then tells
    whether the command runs all the same.
    """
    try:
        with (folder / "supervisor.log").open("wb") as log:
            # Isolated: neither PYTHONPATH nor a module in the present directory can get in.
            status = subprocess.run(
                [sys.executable, "-I", "-S", supervisor.__file__, str(folder)],
                stdin=subprocess.DEVNULL,
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


def look(folder: Path) -> Supervision:
    """Tell what has become of the command of ``folder``; claims it if it never began."""
    if _is_locked(folder):
        return Supervision.LIVES
    # In this order: a supervisor writes its status before it lets go of the lock.
    if (folder / "status.json").exists():
        return Supervision.ENDED
    return Supervision.NEVER_BEGAN if _claim(folder) else Supervision.LOST


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


def output(folder: Path) -> bytes:
    """Return all output so far; empty if there is none."""
    try:
        return (folder / "output").read_bytes()
    except OSError:
        return b""


async def tail(folder: Path) -> AsyncIterator[bytes]:
    """Yield the output from its beginning, until the supervisor is gone and all of it is read."""
    position = 0
    while True:
        over = not await asyncio.to_thread(_is_locked, folder)
        while chunk := await asyncio.to_thread(_read, folder / "output", position):
            position += len(chunk)
            yield chunk
        if over:
            return
        await asyncio.sleep(_LOOK_S)


def _read(path: Path, position: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(position)
            return file.read(_CHUNK)
    except FileNotFoundError:
        return b""


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
