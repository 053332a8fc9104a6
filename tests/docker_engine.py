"""A Docker engine of the tests' own: another root directory and another network than any other."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.postgres_server import programs as postgres_programs
from tests.prometheus_stack import wait_for

PROGRAMS = ("dockerd", "containerd", "runc", "docker", "docker-compose", "busybox", "ip", "nsenter",
            "redis-server")  # fmt: skip
_NETWORK = "10.213"
_STOP_S = 30.0


def why_not() -> str:
    """Return why there can be no engine here; empty where there can."""
    missing = [each for each in PROGRAMS if shutil.which(each) is None]
    if postgres_programs() is None:
        missing.append("postgres")
    if missing:
        return (
            f"not installed: {', '.join(missing)}; "
            "apt-get install docker.io docker-compose busybox-static iproute2 redis-server"
            " postgresql"
        )
    return "" if os.geteuid() == 0 else "a Docker engine of its own needs root"


class DockerEngine:
    """An engine in a network namespace: no bridge and no packet filter of this machine is touched.

    Its containers go on while it is stopped, as with ``live-restore`` in production.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.socket = root / "d.sock"
        self.url = f"unix://{self.socket}"
        self._namespace = f"qd{os.getpid()}"
        self._veth = f"v{self._namespace}"
        self._process: subprocess.Popen[bytes] | None = None
        # A configuration of its own: the machine's must not be read.
        (root / "daemon.json").write_text(json.dumps({"live-restore": True}))

    @property
    def variables(self) -> dict[str, str]:
        """The environment of an operator of this engine."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "DOCKER_HOST": self.url,
            "LANG": "C.UTF-8",
        }

    def start(self) -> None:
        """Start the engine; ready when it answers."""
        words = ["nsenter", f"--net=/run/netns/{self._namespace}", "dockerd", "-H", self.url]
        words += ["--config-file", str(self.root / "daemon.json"), "--pidfile", f"{self.root}/pid"]
        words += ["--data-root", f"{self.root}/data", "--exec-root", f"{self.root}/exec"]
        words += ["--bip", f"{_NETWORK}.0.1/24", "--default-address-pool"]
        words += [f"base={_NETWORK}.128.0/18,size=24", "--log-level", "warn"]
        with (self.root / "dockerd.log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        self._process = process
        wait_for(lambda: process.poll() is None and self._answers())

    def stop(self) -> None:
        """Stop the engine; what it runs goes on."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(timeout=_STOP_S)
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let the engine accept connections for a while and answer none."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def docker(self, *words: str) -> str:
        """Return what the engine's own command prints; AssertionError carries its complaint."""
        return self.run("docker", *words)

    def run(self, *argv: str, cwd: Path | None = None) -> str:
        """Run a command as an operator of this engine would."""
        done = subprocess.run(
            argv,
            env=self.variables,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
        return done.stdout

    def open_network(self) -> None:
        """Make the network namespace, joined with this machine by a pair of interfaces."""
        name, veth = self._namespace, self._veth
        for words in (
            f"netns add {name}",
            f"link add {veth} type veth peer name host0 netns {name}",
            f"addr add {_NETWORK}.255.1/30 dev {veth}",
            f"link set {veth} up",
            f"-n {name} link set lo up",
            f"-n {name} addr add {_NETWORK}.255.2/30 dev host0",
            f"-n {name} link set host0 up",
            f"-n {name} route add default via {_NETWORK}.255.1",
        ):
            subprocess.run(["ip", *words.split()], check=True)

    def clear(self) -> None:
        """End all containers, the engine and its network, and leave nothing mounted."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            with suppress(AssertionError, subprocess.TimeoutExpired):
                names = self.docker("ps", "--all", "--quiet").split()
                if names:
                    self.docker("rm", "--force", "--volumes", *names)
            self.stop()
        # The interface first: a deleted namespace gives its own back only some time later.
        subprocess.run(["ip", "link", "del", self._veth], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(
            ["ip", "netns", "del", self._namespace], check=False, stderr=subprocess.DEVNULL
        )
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        for place in reversed([line.split()[4] for line in mounts]):
            if place.startswith(f"{self.root}/"):
                subprocess.run(["umount", "-l", place], check=False)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(2)
                probe.connect(str(self.socket))
                probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return b" 200 " in probe.recv(64)
        except (OSError, http.client.HTTPException):
            return False


@contextmanager
def running_engine() -> Iterator[DockerEngine]:
    """Yield an engine that runs; nothing of it is left afterwards."""
    # Sockets lie below it, and the path of one ends at 108 bytes.
    root = Path(tempfile.mkdtemp(prefix="qd-dk", dir="/tmp"))
    root.chmod(0o755)
    engine = DockerEngine(root)
    try:
        engine.open_network()
        engine.start()
        yield engine
    finally:
        engine.clear()
        shutil.rmtree(root, ignore_errors=True)


def wait_until(engine: DockerEngine, *words: str, shows: str, seconds: float = 30.0) -> None:
    """Wait until a command of the engine prints ``shows``."""
    deadline = time.monotonic() + seconds
    while shows not in (printed := engine.docker(*words)):
        assert time.monotonic() < deadline, f"{words} still prints {printed}"
        time.sleep(0.05)
