"""The supervisor of a step, killed at the place that its environment names."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from procedures.execution.command import process as command_process
from procedures.execution.command import supervisor

SPELL = json.loads(os.environ.pop("QUARTERDECK_TESTS_FATE"))


def die() -> None:
    """Leave word, take the console along if that is asked for, and go."""
    console = SPELL["console"]
    note = {
        "victim": "both" if console else "supervisor",
        "place": f"supervisor: {SPELL['place']}",
        "at": time.time(),
    }
    with Path(SPELL["folder"], "strikes").open("a") as strikes:
        strikes.write(json.dumps(note) + "\n")
    if console:
        # The clock may have struck it first.
        with suppress(ProcessLookupError):
            os.kill(console, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def fated(owner: object, name: str, *, before: str = "", behind: str = "") -> None:
    """Let the process die around a function, if the place is the one."""
    function: Callable[..., object] = getattr(owner, name)

    def around(*words: object, **named: object) -> object:
        if before == SPELL["place"]:
            die()
        result = function(*words, **named)
        if behind == SPELL["place"]:
            die()
        return result

    setattr(owner, name, around)


def half_written(path: Path, text: Callable[[], str], **_: float) -> None:
    """Write half of the status under its preliminary name, and die."""
    path.with_name(f".{path.name}").write_text(text()[:40])
    die()


fated(supervisor, "take_lock", before="before the lock", behind="behind the lock")
fated(supervisor, "_supervise", before="behind the fork")
fated(supervisor, "CommandProcess", before="before the command")
fated(command_process, "_start", behind="behind the start of the command")
fated(command_process.CommandProcess, "follow", before="beside the command")
fated(supervisor, "_leave_status", before="before the status", behind="behind the status")
if SPELL["place"] == "amid the status":
    vars(supervisor)["write_persistently"] = half_written
sys.exit(supervisor.main(sys.argv[1:]))
