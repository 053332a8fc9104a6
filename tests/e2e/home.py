"""Where one operator's console keeps its state, and what can be found there from outside."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.terminal import wait_until

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the ledger, as it is stored."""

    kind: str
    subject: str
    body: Mapping[str, Any]


class Home:
    """A directory with the state of one operator, and the command started in it.

    Args:
        path: Of the directory; short, for sockets lie in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state = path / "state"
        self.sandbox = path / "sandbox"

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of the command."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(REPOSITORY),
            "QUARTERDECK_STATE": str(self.state),
        }

    def argv(self, *words: str) -> list[str]:
        """Return the command line; a demo keeps its sandbox in this home."""
        own = ["--state", str(self.sandbox)] if words[:1] == ("demo",) else []
        return [sys.executable, "-m", "tui", *words, *own]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the command without a terminal, to its end."""
        return subprocess.run(
            self.argv(*words),
            env=self.variables,
            cwd=self.path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def sandbox_record(self) -> Mapping[str, Any]:
        """What the running sandbox tells of itself."""
        record: Mapping[str, Any] = json.loads((self.sandbox / "sandbox.json").read_text())
        return record

    def processes(self) -> dict[int, str]:
        """Return the running processes that work in this home: process id to command line."""
        found = {}
        places = (str(self.state), str(self.sandbox))
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = each.read_text(errors="replace").replace("\0", " ")
            except OSError:
                continue
            if any(place in words for place in places):
                found[int(each.parent.name)] = words
        return found

    def made_quiet(self) -> bool:
        """Kill whatever runs in this home; tell whether nothing did."""
        running = self.processes()
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not running

    def events(self) -> list[Event]:
        """Return the ledger from its beginning, read as a stranger would read the file."""
        address = f"file:{self.state / 'ledger.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            rows = connection.execute("SELECT kind, subject, body FROM event ORDER BY seq")
            return [
                Event(kind=kind, subject=subject, body=json.loads(body))
                for kind, subject, body in rows
            ]


@contextmanager
def own_home() -> Iterator[Home]:
    """Make an empty home; whatever still runs in it in the end is killed."""
    home = Home(Path(tempfile.mkdtemp(prefix="qd-")))
    try:
        yield home
    finally:
        wait_until(home.made_quiet, "end of all processes", tell=home.processes)
        shutil.rmtree(home.path, ignore_errors=True)
