"""Files of a step's folder, which only the operator may read; standard library only."""

import errno
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 5.0
_HOPELESS = frozenset({errno.ENOENT, errno.ENOTDIR})
"""The folder itself is gone."""


def make_folder(folder: Path) -> None:
    """Create ``folder`` and what is missing above it, all for its owner alone; OSError if not."""
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write ``path`` so that it is complete and on the disk, or as it was; OSError if it fails."""
    partial = path.with_name(f".{path.name}")
    descriptor = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    # Buffered: a raw file takes what fits on a full disk and does not say that it is not all.
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def write_persistently(path: Path, text: Callable[[], str], *, patience_s: float) -> None:
    """Write what ``text`` says then, again and again while the disk refuses.

    Raises OSError when it still refuses after ``patience_s``, or when the folder is gone.
    """
    deadline = time.monotonic() + patience_s
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            write_atomically(path, text())
        except OSError as error:
            if error.errno in _HOPELESS or time.monotonic() + wait_s > deadline:
                raise
        else:
            return
        # There is no event loop here: the supervisor has nothing else to do any more.
        time.sleep(wait_s)  # noqa: TID251
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


def take_lock(folder: Path) -> bool:
    """Claim ``folder`` for the life of this process and of what it forks."""
    # The lock is locked before it has its name, so that nobody ever sees it free too early.
    unnamed = folder / f".lock.{os.getpid()}"
    lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        (folder / "lock").hardlink_to(unnamed)
    except FileExistsError:
        return False
    finally:
        unnamed.unlink()
    return True
