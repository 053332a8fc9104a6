"""An SSH server of our own on loopback, with keys of its own, for one user: the one who tests."""

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.e2e.terminal import wait_until

_PROGRAM = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") or ""

_SETTINGS = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
"""


class SshServer:
    """A running server.

    Args:
        folder: Keeps keys, settings and log.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        for key in ("host_key", "user_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True
            )
        settings = folder / "sshd_config"
        settings.write_text(_SETTINGS.format(port=self._port, folder=folder))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [_PROGRAM, "-D", "-e", "-f", settings], stdin=subprocess.DEVNULL, stderr=log
            )

    def wait_until_ready(self) -> None:
        """Wait until it takes connections."""
        wait_until(self._answers, "SSH server", tell=(self._folder / "log").read_text)

    def client(self, words: Sequence[str], variables: Mapping[str, str]) -> list[str]:
        """Return the command line that runs ``words`` in a terminal at the other end."""
        remote = shlex.join(["env", *(f"{name}={value}" for name, value in variables.items())])
        options = {
            "IdentityFile": str(self._folder / "user_key"),
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": os.devnull,
            "LogLevel": "ERROR",
        }
        spelled = [f"-o{name}={value}" for name, value in options.items()]
        where = ["-p", str(self._port), f"{getpass.getuser()}@127.0.0.1"]
        return ["ssh", "-tt", "-F", os.devnull, *spelled, *where, f"{remote} {shlex.join(words)}"]

    def kill_sessions(self) -> None:
        """Kill the processes that serve connections, not the one that listens."""
        sessions = _children(self._process.pid)
        assert sessions, "nobody is connected"
        while sessions:
            pid = sessions.pop()
            # Behind a user who is not root there are two processes; what they started is not ours.
            sessions += [each for each in _children(pid) if _name(each) == "sshd"]
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it with all that is connected."""
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self._folder / "log").read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=5):
            return True
        return False


@contextmanager
def running_server(folder: Path) -> Iterator[SshServer]:
    """Run a server."""
    server = SshServer(folder)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def missing_ssh() -> str:
    """Return why no server can run here, and what to do about it; empty if one can."""
    if sys.platform == "linux" and _PROGRAM and shutil.which("ssh"):
        return ""
    return "ssh or sshd is not installed; run `apt-get install openssh-server openssh-client`"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _children(parent: int) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(each.read_text(errors="replace").rpartition(")")[2].split()[1]) == parent:
                found.append(int(each.parent.name))
    return found


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
