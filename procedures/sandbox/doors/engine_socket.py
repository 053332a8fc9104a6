"""The Unix socket of the Docker engine that the sandbox poses as."""

import os
import shutil
import socket
import tempfile
from pathlib import Path

_LONGEST_BYTES = 107
"""Of a socket's path: AF_UNIX has room for 108 with the zero at the end, see ``unix(7)``."""


class EngineSocket:
    """The path of a socket, in ``wished`` or, where that is too long, in a short private place."""

    def __init__(self, wished: Path) -> None:
        self._private: Path | None = None
        self.path = wished
        if len(os.fsencode(wished)) > _LONGEST_BYTES:
            self._private = _private_directory()
            self.path = self._private / wished.name
        self.path.unlink(missing_ok=True)

    @property
    def address(self) -> str:
        """As clients of the engine are given it."""
        return f"unix://{self.path}"

    def listen(self) -> socket.socket:
        """Return a socket that listens on the path; only its owner may connect."""
        self.path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self.path))
        finally:
            os.umask(before)
        listener.listen(128)
        listener.setblocking(False)
        return listener

    def release(self) -> None:
        """Remove the socket and the directory that was made for it."""
        self.path.unlink(missing_ok=True)
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)


def _private_directory() -> Path:
    """Make a directory with mode 0700 where the operator's session keeps its sockets."""
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = session and len(os.fsencode(session)) < 60 and os.access(session, os.W_OK)
    return Path(tempfile.mkdtemp(prefix="quarterdeck-", dir=session if usable else "/tmp"))  # noqa: S108 - TMPDIR may be the long path
