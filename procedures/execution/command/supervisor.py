"""Runs one command to its end, whatever becomes of the console that asked for it.

``python -m procedures.execution.command.supervisor FOLDER`` reads ``FOLDER/spec.json``, and from
its standard input ``{"env": {…}, "secrets": […]}``, for neither may ever be on the disk. It returns
at once: 0 when the command is under supervision, 3 when it already is or was, 2 when it cannot be.
The supervisor itself stays behind in a session of its own, and leaves in the folder:

========== =====================================================================================
lock       created exclusively, so that a folder runs at most once, and locked while it lives
pid        process group of the command
output     what the command printed, both streams, up to a bound and without secrets
keys       FIFO for what is typed, while a command on a terminal runs
status     ``status.json``, complete or absent: how and when the command ended
========== =====================================================================================

Whoever creates ``FOLDER/cancel`` cancels it; so does a signal to the supervisor. It depends on
nothing outside the standard library and a few neighbours that do not either, to start fast.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

# Started by its path and isolated, it has to find its neighbours by itself; last, so that nothing
# beside them can take the place of the standard library.
sys.path.append(str(Path(__file__).resolve().parents[3]))

from procedures.execution.command.descendants import adopt_orphans, keep_memory_private
from procedures.execution.command.kept_output import KeptOutput
from procedures.execution.command.process import CommandProcess, Handover, Spec
from procedures.execution.command.stopping import Stop
from procedures.execution.private_files import take_lock, write_persistently

STARTED, UNUSABLE, TAKEN = 0, 2, 3
"""Exit codes of the call that leaves the supervisor behind."""

STATUS_PATIENCE_S = 300.0
"""How long a disk that does not take the status is asked again; the command counts as alive."""


def main(argv: list[str]) -> int:
    """Leave a supervisor behind for the folder that ``argv`` names."""
    if len(argv) != 1:
        sys.stderr.write("usage: python -m procedures.execution.command.supervisor FOLDER\n")
        return UNUSABLE
    folder = Path(argv[0]).resolve()
    try:
        spec = Spec(**json.loads((folder / "spec.json").read_bytes()))
        handover = _read_handover()
        if not take_lock(folder):
            return TAKEN
    except (OSError, TypeError, ValueError) as error:
        sys.stderr.write(f"{folder}: {error}\n")
        return UNUSABLE
    if os.fork():
        return STARTED
    os.setsid()
    adopt_orphans()
    keep_memory_private()
    _supervise(folder, spec, handover)
    return STARTED


def _read_handover() -> Handover:
    try:
        handover = Handover(**json.loads(sys.stdin.buffer.read()))
    except (TypeError, ValueError):
        # Nothing of it may get into an error message.
        raise ValueError("what it got on its standard input is no handover") from None
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    return handover


def _supervise(folder: Path, spec: Spec, handover: Handover) -> None:
    output = KeptOutput(
        folder / "output",
        limit=spec.output_limit,
        secrets=handover.secrets,
        line_end=b"\r\n" if spec.terminal else b"\n",
    )
    stop = Stop(grace_s=spec.grace_s, mark=output.mark)
    _listen_for_signals(stop)
    started_at = datetime.now(UTC)
    status: dict[str, object]
    try:
        command = CommandProcess(folder, spec, handover)
    except (OSError, ValueError) as error:
        # Of a ValueError nothing is told: it may quote a variable.
        cause = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else "unusable"
        output.mark(f"cannot start {spec.argv[0]}: {cause}")
        status = {"exit_code": 127, "signal": None}
    else:
        if not (folder / "pid").exists():
            output.mark(f"its process group {command.pid} could not be recorded")
        command.follow(output, stop)
        status = command.status()
        command.close()
    status |= {
        "started_at": started_at.isoformat(),
        "ended_at": datetime.now(UTC).isoformat(),
        "timed_out": stop.reason.startswith("timed out"),
        "cancelled": stop.reason == "cancelled",
    }
    output.close()
    _leave_status(folder, status, output)


def _leave_status(folder: Path, status: dict[str, object], output: KeptOutput) -> None:
    def now() -> str:
        output.drain()
        return json.dumps(status | {"output_fault": output.fault})

    try:
        write_persistently(folder / "status.json", now, patience_s=STATUS_PATIENCE_S)
    except OSError as error:
        # No end is on the disk, so none is claimed: a console will find the command lost.
        sys.stderr.write(f"the end of the command could not be recorded: {error}\n")


def _listen_for_signals(stop: Stop) -> None:
    def cancel(_number: int, _frame: FrameType | None) -> None:
        stop.begin("cancelled")

    signal.signal(signal.SIGINT, cancel)
    signal.signal(signal.SIGTERM, cancel)
    # A handler and not SIG_IGN, which the command would inherit.
    signal.signal(signal.SIGHUP, lambda _number, _frame: None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
