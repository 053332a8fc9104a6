"""Consoles without the wait for their start: each is forked from a process that has it all loaded.

``python -m tests.faults.yard`` reads a line ``LOG ORDERS``, forks a console, writes its process id,
and when it has ended its exit status, negative for a signal; then it reads the next line.
"""

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

from procedures.execution.run.preparation import load_analysis
from tests.faults.console import Orders, main

REPOSITORY = Path(__file__).parents[2]


class OpenConsole:
    """One console process.

    Attributes:
        log: What it wrote.
        status: Its exit status, once its end was seen.
    """

    status: int | None = None

    def __init__(self, yard: "Yard", pid: int, log: Path) -> None:
        self.log = log
        self._yard = yard
        self._process = os.pidfd_open(pid)

    def kill(self) -> None:
        """Kill it, if it still runs."""
        try:
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        except ProcessLookupError:
            return

    def wait(self, timeout_s: float) -> int | None:
        """Return its exit status; None if it still runs after that time."""
        if self.status is None and (told := self._yard.read_line(timeout_s)) is not None:
            os.close(self._process)
            self.status = int(told)
        return self.status


class Yard:
    """The process that forks consoles, one at a time; a context.

    Args:
        variables: What it and its consoles find in their environment, beside what all find.
    """

    def __init__(self, **variables: str) -> None:
        self._variables = variables

    def __enter__(self) -> "Yard":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.yard"],
            cwd=REPOSITORY,
            env=os.environ | self._variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def open(self, orders: Orders) -> OpenConsole:
        """Open a console."""
        assert self._process.stdin is not None
        log = Path(orders.folder, f"console-{time.time():.3f}.log")
        self._process.stdin.write(f"{log} {orders.as_text()}\n".encode())
        pid = self.read_line(60.0)
        assert pid is not None, "no console was forked"
        return OpenConsole(self, int(pid), log)

    def read_line(self, timeout_s: float) -> str | None:
        """Return what the yard says next; None if it says nothing in that time."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], timeout_s)[0]:
            return None
        return self._process.stdout.readline().decode().strip()


def _serve() -> None:
    load_analysis()
    while line := sys.stdin.readline():
        log, _, orders = line.partition(" ")
        pid = os.fork()
        if not pid:
            _become_console(log, orders)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        # Waited for before the status is told: a console that is not reaped counts as alive.
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _become_console(log: str, orders: str) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    for there, here in ((null, 0), (out, 1), (out, 2)):
        os.dup2(there, here)
    status = 1
    try:
        status = main(Orders.from_text(orders))
    except SystemExit as end:
        status = int(str(end.code))
    except BaseException:  # noqa: BLE001 - told in the log, whatever it is
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
