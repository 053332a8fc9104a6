"""The Unix socket of the Docker engine that the sandbox poses as."""

import os
import shutil
import socket
import stat
import tempfile
from pathlib import Path

_LONGEST_BYTES = 107
"""Of a socket's path: AF_UNIX has room for 108 with the zero at the end, see ``unix(7)``."""
_LONGEST_PLACE_BYTES = 60
_SCHEME = "unix://"
_PREFIX = "quarterdeck-"
_SHORT = "/tmp"  # noqa: S108 - TMPDIR may be the long path; what is made here is private


class EngineSocket:
    """A socket at ``wished`` or, where that path is too long, in a short private directory.

    Args:
        wished: Where it should be.
        earlier: Its address last time: a private directory that was left behind is used again.
    """

    def __init__(self, wished: Path, earlier: str = "") -> None:
        self._private: Path | None = None
        self.path = wished
        if len(os.fsencode(wished)) > _LONGEST_BYTES:
            self._private = _left_behind(earlier) or _private_directory()
            self.path = self._private / wished.name
        self.path.unlink(missing_ok=True)

    @property
    def address(self) -> str:
        """As clients of the engine are given it."""
        return f"{_SCHEME}{self.path}"

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


def _left_behind(address: str) -> Path | None:
    """Return the private directory of an address, if it is there and nobody else's."""
    folder = Path(address.removeprefix(_SCHEME)).parent
    if not address or not folder.name.startswith(_PREFIX):
        return None
    try:
        found = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    return folder if private and found.st_uid == os.geteuid() else None


def _private_directory() -> Path:
    """Make a directory with mode 0700 where the operator's session keeps its sockets."""
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    short = session and len(os.fsencode(session)) <= _LONGEST_PLACE_BYTES
    usable = short and os.access(session, os.W_OK | os.X_OK)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=session if usable else _SHORT))
