"""Real processes that stand for those of the model, so that there is something to look at.

Each waits for the end of its standard input, which only the sandbox holds: it ends with it.
"""

import shutil
import subprocess
from collections.abc import Mapping

from procedures.sandbox.lifecycle import Lifecycle

_PROGRAMS = {
    "redis": "/usr/bin/redis-server",
    "postgres": "/usr/lib/postgresql/16/bin/postgres",
}
_SERVER = "/usr/local/bin/llm-config-server"


class Bodies:
    """One waiting process for each process of the model that runs."""

    def __init__(self) -> None:
        self._cat = shutil.which("cat")
        self._living: dict[str, tuple[int, subprocess.Popen[bytes]]] = {}

    def follow(self, processes: Mapping[str, Lifecycle]) -> None:
        """Start and end processes as the model does; a restarted one gets a new process id."""
        for name, process in processes.items():
            generation, body = self._living.get(name, (0, None))
            if body is not None and (not process.running or generation != process.generation):
                _end(body)
                del self._living[name]
            if process.running and name not in self._living and self._cat:
                self._living[name] = (process.generation, self._begin(self._cat, name))

    def pid(self, name: str) -> int:
        """Return the process id of a process of the model; 0 if it has none."""
        return self._living[name][1].pid if name in self._living else 0

    def end(self) -> None:
        """End them all."""
        for _, body in self._living.values():
            _end(body)
        self._living.clear()

    def _begin(self, cat: str, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [_PROGRAMS.get(name, _SERVER), "-"],
            executable=cat,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _end(body: subprocess.Popen[bytes]) -> None:
    if body.stdin is not None:
        body.stdin.close()
    body.kill()
    body.wait()
