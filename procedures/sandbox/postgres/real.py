"""A real PostgreSQL server in place of the sandbox's own, reached by the real client programs."""

import json
import os
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from procedures.errors import SandboxError
from procedures.sandbox.postgres.access import AS_USER
from procedures.sandbox.shims.usage import ToolError
from procedures.sandbox.state_dir import StateDir, write_whole

VARIABLE = "QUARTERDECK_SANDBOX_POSTGRES"
"""Environment variable that names a running server as ``SOCKET_DIRECTORY:PORT``."""
_DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True, kw_only=True)
class RealServer:
    """Where a server listens.

    Attributes:
        socket_dir: Directory of its Unix socket, or a host name.
    """

    socket_dir: str
    port: int


def named(text: str) -> RealServer | None:
    """Return the server that the variable's value names; None for an empty one."""
    if not text:
        return None
    socket_dir, _, port = text.rpartition(":")
    if not socket_dir or not port.isdecimal():
        raise SandboxError(
            f"'{text}' names no PostgreSQL server",
            fix=f"Give {VARIABLE} as SOCKET_DIRECTORY:PORT",
        )
    return RealServer(socket_dir=socket_dir, port=int(port))


def remember(state: StateDir, server: RealServer | None) -> None:
    """Let the commands of this sandbox use a server, or the sandbox's own again."""
    if server is None:
        _record(state).unlink(missing_ok=True)
    else:
        write_whole(_record(state), json.dumps(asdict(server)))


def server_of(state: StateDir) -> RealServer | None:
    """Return the server that the sandbox's commands use; None for its own."""
    try:
        return RealServer(**json.loads(_record(state).read_text()))
    except FileNotFoundError:
        return None


def run(server: RealServer, program: str, argv: list[str]) -> int:
    """Run the real program against the server, whatever host and port it is told."""
    environment = {
        **os.environ,
        "PGHOST": server.socket_dir,
        "PGPORT": str(server.port),
        "PGUSER": os.environ.get("PGUSER") or os.environ.get(AS_USER) or "root",
    }
    command = [_path_of(program), *_without_address(argv)]
    return subprocess.run(command, env=environment, check=False).returncode


def _without_address(argv: list[str]) -> list[str]:
    """Return the arguments without ``-h`` and ``-p``: the server is where it is."""
    kept = []
    words = iter(argv)
    for word in words:
        if word in {"-h", "-p", "--host", "--port"}:
            next(words, None)
        elif not word.startswith(("--host=", "--port=")):
            kept.append(word)
    return kept


def _path_of(program: str) -> str:
    """Return the newest version of a client program."""
    found = sorted(
        _DEBIAN.glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    if not found:
        raise ToolError(f"{program} is not below {_DEBIAN}: apt-get install postgresql", 127)
    return str(found[0])


def _record(state: StateDir) -> Path:
    return state.path / "postgres.json"
