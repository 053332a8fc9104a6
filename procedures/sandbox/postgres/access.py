"""Who may connect to the sandbox's PostgreSQL, and how it answers when it cannot."""

import os
from dataclasses import dataclass

from procedures.sandbox.control_client import Control
from procedures.sandbox.postgres.cluster import OWNER, SUPERUSER, Cluster, DatabaseError
from procedures.sandbox.postgres.session import Session
from procedures.sandbox.shims.observed import Observed, observe
from procedures.sandbox.shims.usage import ToolError

SOCKET = "/var/run/postgresql/.s.PGSQL.5432"
AS_USER = "SANDBOX_AS_USER"
"""Environment variable with the user that sudo has made of the caller."""
_SESSIONS_PER_REPLICA = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a client's command line says of the connection; empty for what it leaves out."""

    database: str = ""
    user: str = ""
    host: str = ""
    port: str = ""


class Server:
    """The server as a client program sees it; ToolError with status 2 when it does not answer."""

    def __init__(self, control: Control, *, program: str) -> None:
        self.cluster = Cluster(control.state)
        self._control = control
        self._program = program

    def user_of(self, address: Address) -> str:
        """Return who connects."""
        given = address.user or os.environ.get("PGUSER", "") or os.environ.get(AS_USER, "")
        return given or "root"

    def connect(self, address: Address) -> Session:
        """Open a session."""
        user = self.user_of(address)
        database = address.database or os.environ.get("PGDATABASE", "") or user
        seen = observe(self._control)
        self.require_ready(seen, address)
        if user not in self._roles():
            raise self._refused(address, f'role "{user}" does not exist')
        try:
            return Session(
                self.cluster,
                database=database,
                user=user,
                sessions=_sessions(seen),
                end_session=lambda pid: pid in _sessions(seen),
            )
        except DatabaseError as error:
            raise self._refused(address, str(error)) from error

    def require_ready(self, seen: Observed, address: Address) -> None:
        """Raise what a client says to a server that does not answer."""
        process = seen.process("postgres")
        if process is None or not process.ready:
            where = self._where(address)
            raise ToolError(
                f"{self._program}: error: {where} failed: "
                f"{'Connection refused' if address.host else 'No such file or directory'}\n"
                "\tIs the server running locally and accepting connections on that socket?",
                2,
            )

    def ready(self) -> bool:
        """Whether it accepts connections."""
        process = observe(self._control).process("postgres")
        return process is not None and process.ready

    def _roles(self) -> tuple[str, ...]:
        record = self._control.state.read_record()
        local = record is not None and record.method == "systemd"
        return (OWNER, SUPERUSER) if local else (OWNER,)

    def _refused(self, address: Address, text: str) -> ToolError:
        return ToolError(
            f"{self._program}: error: {self._where(address)} failed: FATAL:  {text}", 2
        )

    def _where(self, address: Address) -> str:
        if address.host and not address.host.startswith("/"):
            return f'connection to server at "{address.host}", port {address.port or 5432}'
        return f'connection to server on socket "{SOCKET}"'


def _sessions(seen: Observed) -> list[int]:
    """Return process ids of the service's connections: those of replicas that run."""
    return [
        2_000 + 100 * replica.ordinal + number
        for replica in seen.replicas
        if replica.running
        for number in range(_SESSIONS_PER_REPLICA)
    ]
