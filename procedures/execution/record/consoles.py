"""Which console drives a run, and whether it still lives; so that nobody decides twice.

A console is known by machine, process and the moment at which that process began, for numbers of
processes are used again. Source: field 22 of ``/proc/PID/stat``, ``proc(5)``.
"""

import os
import socket
from pathlib import Path


def this_console() -> str:
    """Return the name of this process as a console: ``HOST/PID/STARTED``."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_started(pid)}"


def has_ended(console: str) -> bool:
    """Tell whether ``console`` is surely gone; of another machine's console nothing is known."""
    host, _, process = console.rpartition("/")[0].rpartition("/")
    started = console.rpartition("/")[2]
    if host != socket.gethostname() or not process.isdecimal() or not started:
        return False
    return _started(int(process)) != started and not _is_hidden(int(process))


def _is_hidden(pid: int) -> bool:
    """Tell whether the process lives, and ``/proc`` does not show it to this user."""
    if Path(f"/proc/{pid}").exists():
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return pid > 0


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in parentheses, which may hold anything.
    state, *numbers = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else numbers[18]
