"""A ledger of either kind, opened as consoles open it, and touched as none may touch it."""

import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from procedures.clock import SystemClock
from procedures.ledger.address import LedgerAddress
from procedures.ledger.choose import open_ledger
from procedures.ledger.event import Draft, Ledger
from tests.postgres_server import PASSWORDS, PostgresServer

APPENDER = """
import sys
from pathlib import Path
from procedures.clock import SystemClock
from procedures.environment import Secret
from procedures.ledger.address import LedgerAddress
from procedures.ledger.choose import open_ledger
from procedures.ledger.event import Draft
path, url, password, subject, count = sys.argv[1:]
address = LedgerAddress(url=url, password=Secret(inline=password)) if url else None
ledger = open_ledger(Path(path), address, clock=SystemClock())
for n in range(int(count)):
    ledger.append(Draft(kind="run.noted", subject=subject, environment="e",
                        operator="o", body={"n": n}))
ledger.close()
"""


def note(subject: str = "run-1", kind: str = "run.noted", **body: object) -> Draft:
    return Draft(kind=kind, subject=subject, environment="staging", operator="ada", body=body)


@dataclass
class Store:
    """Where a ledger is kept; ``server`` is None for a file."""

    path: Path
    server: PostgresServer | None = None
    database: str = ""
    opened: list[Ledger] = field(default_factory=list)

    @property
    def address(self) -> LedgerAddress | None:
        return self.server.address(self.database) if self.server else None

    def open(self, *, read_only: bool = False) -> Ledger:
        """Open the ledger as one more console; closed when the test ends."""
        ledger = open_ledger(self.path, self.address, clock=SystemClock(), read_only=read_only)
        self.opened.append(ledger)
        return ledger

    def appending(self, subject: str, count: int) -> "subprocess.Popen[bytes]":
        """Start a process that records."""
        address = self.address
        words = [str(self.path), address.url if address else "", PASSWORDS["ada"], subject]
        return subprocess.Popen([sys.executable, "-c", APPENDER, *words, str(count)])

    def tamper(self, *statements: str) -> None:
        """Speak to the database behind the ledger's back; raises what it says."""
        if self.server:
            at_once = ";".join(
                each.replace(" event ", " quarterdeck.event ") for each in statements
            )
            self.server.sql(at_once, self.database, user="ada")
            return
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            for statement in statements:
                connection.execute(statement)
        finally:
            connection.close()

    def close(self) -> None:
        for ledger in self.opened:
            ledger.close()
