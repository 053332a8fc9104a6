"""A server of one's own that speaks S3, and the environment that leads ``aws`` to it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.build_cache import cache

PROGRAMS = ("aws", "moto_server")
INSTALL = ".ci/s3-tools"
PATIENCE_S = 60.0
BUCKET = "llm-config-backups"


def missing() -> str:
    """Return why there can be no server here; empty if there can."""
    absent = [program for program in PROGRAMS if shutil.which(program, path=_path()) is None]
    return f"not installed: {', '.join(absent)}; run {INSTALL}" if absent else ""


def _path() -> str:
    """Return where programs are looked for: also where ``.ci/s3-tools`` installs them."""
    return os.pathsep.join((str(cache() / "s3" / "bin"), os.environ["PATH"]))


class S3Server:
    """A running server; ``variables`` is an environment whose credentials it accepts."""

    def __init__(self, port: int, home: Path) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.variables: Mapping[str, str] = {
            "PATH": _path(),
            "HOME": str(home),
            "AWS_ACCESS_KEY_ID": "ada",
            "AWS_SECRET_ACCESS_KEY": "secret-of-ada",
            "AWS_DEFAULT_REGION": "eu-central-1",
        }

    def aws(self, *words: str) -> str:
        """Run ``aws``; it must succeed."""
        done = subprocess.run(
            ["aws", f"--endpoint-url={self.endpoint}", *words],
            env=dict(self.variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def running_server(home: Path) -> Iterator[S3Server]:
    """Start a server with an empty bucket, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            ["moto_server", "-H", "127.0.0.1", "-p", str(port)],
            env={**os.environ, "PATH": _path()},
            stdout=log,
            stderr=log,
            cwd=home,
        )
    try:
        _answers(process, port)
        server = S3Server(port, home)
        server.aws("s3", "mb", f"s3://{BUCKET}")
        yield server
    finally:
        process.kill()
        process.wait()


def _answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as client:
            client.settimeout(1)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # the server tells nobody when it is there
    raise AssertionError("the S3 server did not start")
