"""The processes that a command started, wherever they went; standard library only.

Without ``/proc`` and ``prctl`` (outside Linux) none are seen but the command's own group.
"""

import ctypes
import os
import signal
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, in place of init."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def keep_memory_private() -> None:
    """Let nobody read this process's memory: no core dump, no debugger of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def descendants() -> list[int]:
    """Return the process ids of all living descendants of this process."""
    children = defaultdict(list)
    for entry in _entries():
        with suppress(OSError, ValueError, IndexError):
            # The name in parentheses may itself contain anything; the last one ends it.
            state, parent = (_PROC / entry / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            children[int(parent)].append((int(entry), state))
    found: list[int] = []
    parents = [os.getpid()]
    while parents:
        for pid, state in children.pop(parents.pop(), []):
            parents.append(pid)
            if state not in (b"Z", b"X"):
                found.append(pid)
    return found


def signal_all(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group, if it is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _entries() -> list[str]:
    try:
        return [name for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []


def _prctl(option: int, value: int) -> None:
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
