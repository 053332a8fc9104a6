"""Starting the sandbox as a process of its own, joining one that runs, and leaving it."""

import asyncio
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from procedures.environment import Method
from procedures.errors import SandboxError
from procedures.sandbox.control_client import Control, RefusedError
from procedures.sandbox.owned import Owned
from procedures.sandbox.pace import Pace
from procedures.sandbox.shim_files import PACKAGE_ROOT
from procedures.sandbox.state_dir import READY, TAKEN, Record, StateDir
from procedures.sandbox.surroundings import environment_of

START_TIMEOUT_S = 20.0
_OUTPUT_TAIL_LINES = 12
_ITS_ENVIRONMENT = {
    "PYTHONPATH": str(PACKAGE_ROOT),
    # It calls nobody: loading the system's certificates would be a sixth of its start.
    "SSL_CERT_FILE": os.devnull,
}
_RETRY_S = 0.05


class Sandbox:
    """A running sandbox, started or joined.

    Attributes:
        environment: What the console needs to watch it and to act on it.
        pid: Of its process.
    """

    def __init__(
        self,
        state: StateDir,
        record: Record,
        *,
        owned: Owned | None = None,
        lease: socket.socket | None = None,
    ) -> None:
        self.environment = environment_of(state, record)
        self.pid = record.pid
        self._control = Control(record, state)
        self._owned = owned
        self._lease = lease

    async def stop(self) -> None:
        """Leave the sandbox: it ends, unless it is kept or another console needs it."""
        lease, self._lease = self._lease, None
        if lease is not None:
            lease.close()
        owned, self._owned = self._owned, None
        if owned is not None:
            await asyncio.to_thread(_leave, owned, self._control)

    async def inject(self, fault: str) -> None:
        """Cause a fault now; SandboxError if there is none of that name."""
        await self._about_fault("POST", fault)

    async def cure(self, fault: str) -> None:
        """End a fault now; SandboxError if there is none of that name."""
        await self._about_fault("DELETE", fault)

    async def faults(self) -> Sequence[tuple[str, str, bool]]:
        """Return name, description and whether it is active, for every fault there is."""
        answer = await asyncio.to_thread(self._control.get, "/faults")
        return [(fault["name"], fault["about"], fault["active"]) for fault in answer]

    async def _about_fault(self, method: str, fault: str) -> None:
        call = self._control.post if method == "POST" else self._control.delete
        try:
            await asyncio.to_thread(call, f"/faults/{fault}")
        except RefusedError as error:
            known = ", ".join(name for name, _, _ in await self.faults())
            raise SandboxError(
                f"no fault is called '{fault}'", fix=f"Use one of {known}"
            ) from error


async def start(
    state_dir: Path,
    *,
    method: Method,
    faults: Sequence[str] = (),
    keep: bool = False,
    health_shape: str = "full",
    pace: Pace | None = None,
) -> Sandbox:
    """Start a sandbox in ``state_dir``, or join the one that runs there.

    Args:
        state_dir: Where everything of the sandbox lies; created if need be.
        method: The deployment method that it poses as.
        faults: Names of faults that are under way from the start.
        keep: Let it run on after the console has gone.
        health_shape: ``full`` or ``minimal``.
        pace: Other durations than usual.

    Raises:
        SandboxError: The directory cannot be used, the process died, or the sandbox that
            runs there poses as another method.
    """
    state = StateDir(state_dir)
    await asyncio.to_thread(state.prepare)
    joined = await asyncio.to_thread(_join, state, method)
    if joined is None:
        command = _command(state, method, faults, health_shape, pace or Pace(), keep=keep)
        return await asyncio.to_thread(_spawn, state, command, method, keep=keep)
    for fault in faults:
        await joined.inject(fault)
    return joined


def _join(state: StateDir, method: Method) -> Sandbox | None:
    """Take a lease on the sandbox that runs in ``state``; None if none does."""
    record = state.read_record()
    if record is None:
        return None
    try:
        lease = Control(record, state).open("/lease")
    except SandboxError:
        return None
    if record.method != method.value:
        lease.close()
        raise SandboxError(
            f"the sandbox in {state.path} runs as {record.method}, not as {method.value}",
            fix="Leave the console that started it, or name another state directory",
        )
    return Sandbox(state, record, lease=lease)


def _command(
    state: StateDir,
    method: Method,
    faults: Sequence[str],
    health_shape: str,
    pace: Pace,
    *,
    keep: bool,
) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "procedures.sandbox", str(state.path), "--detach"),
        *("--method", method.value, "--health-shape", health_shape),
        *(word for fault in faults for word in ("--fault", fault)),
        *("--stop-s", str(pace.stop_s), "--start-s", str(pace.start_s)),
        *("--dependency-start-s", str(pace.dependency_start_s), "--warm-s", str(pace.warm_s)),
        *(() if keep else ("--owner-on-stdin",)),
    ]


def _spawn(state: StateDir, command: list[str], method: Method, *, keep: bool) -> Sandbox:
    """Start the process and wait for its word that it is ready, or for its end."""
    with state.output.open("w") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,
            env={**os.environ, **_ITS_ENVIRONMENT},
        )
    process.wait()  # it has left the real sandbox behind, which inherits the pipes
    word = _first_word(process.stdout)
    record = state.read_record()
    if word == READY and record is not None:
        owned = Owned(record.pid, process.stdin) if process.stdin is not None else None
        return Sandbox(state, record, owned=owned)
    if process.stdin is not None:
        process.stdin.close()
    if word == TAKEN and (joined := _join_patiently(state, method)):
        return joined
    raise SandboxError(
        f"the sandbox in {state.path} did not start: {_tail(state.output)}",
        fix=f"Read {state.output}",
    )


def _first_word(output: IO[str] | None) -> str:
    """Return the process's first line; empty if it ends, or takes too long, without one."""
    if output is None:
        return ""
    with output:
        said, _, _ = select.select([output], [], [], START_TIMEOUT_S)
        return output.readline().strip() if said else ""


def _join_patiently(state: StateDir, method: Method) -> Sandbox | None:
    """Join the sandbox that another console is starting at this moment."""
    pause = threading.Event()
    for _ in range(round(START_TIMEOUT_S / _RETRY_S)):
        if joined := _join(state, method):
            return joined
        pause.wait(_RETRY_S)
    return None


def _leave(owned: Owned, control: Control) -> None:
    try:
        guests = int(control.get("/state")["guests"])
    except SandboxError:
        guests = 0
    if guests:
        owned.let_go()
    else:
        owned.end()


def _tail(path: Path) -> str:
    """Return the end of the sandbox's output."""
    lines = path.read_text(errors="replace").splitlines()
    return "\n".join(lines[-_OUTPUT_TAIL_LINES:]) or "it said nothing"
