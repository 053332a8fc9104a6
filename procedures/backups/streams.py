"""Bytes of a backup as they are read: counted, hashed, bounded, and given up when nobody waits."""

import contextlib
import hashlib
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Protocol

CHUNK_BYTES = 1024 * 1024

ALWAYS_FINE_BYTES = 1024**3
"""So much may come out of any archive, however small it is."""

MOST_TIMES = 200
"""What unpacks to more than so many times its size is no backup but a trap; text comes to 20."""


class DamagedError(Exception):
    """The content is not what a backup may hold; the text tells why."""


class UnreadableError(Exception):
    """The content could not be looked into; whether it is whole nobody knows."""


class GivenUpError(Exception):
    """Nobody waits for the reading any more."""


class Effort:
    """How far a reading is, and whether somebody still waits for it; shared between threads.

    Attributes:
        done_bytes: Read so far.
        total_bytes: Of the whole backup; 0 until it is known.
    """

    def __init__(self) -> None:
        self.done_bytes = 0
        self.total_bytes = 0
        self._given_up = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()

    @property
    def part(self) -> float:
        """How much is done, from 0 to 1."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0

    def give_up(self) -> None:
        """End the reading soon, and the programs that it uses now: one may be what it waits for."""
        self._given_up.set()
        with self._lock:
            for process in self._processes:
                process.kill()

    def go_on(self) -> None:
        """Raise GivenUpError if nobody waits any more."""
        if self._given_up.is_set():
            raise GivenUpError

    def begin(
        self, argv: Sequence[str], variables: Mapping[str, str], *, feeds: bool, listens: bool
    ) -> "subprocess.Popen[bytes]":
        """Start a program that ends with the reading."""
        self.go_on()
        pipe, null = subprocess.PIPE, subprocess.DEVNULL
        process = subprocess.Popen(
            argv,
            env=dict(variables),
            stdin=pipe if feeds else null,
            stdout=pipe if listens else null,
            stderr=pipe,
        )
        with self._lock:
            self._processes.append(process)
        return process

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Let go of a program, and kill it if it still runs."""
        with self._lock:
            self._processes.remove(process)
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Readable(Protocol):
    """Whatever is read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """Return at most ``size`` bytes; none at the end."""


class Metered:
    """The raw bytes of a backup; every reading of a chunk is told to ``effort``.

    ``before_bytes`` were read of it already, from other files.
    """

    def __init__(self, raw: Readable, effort: Effort, *, before_bytes: int = 0) -> None:
        self._before_bytes = before_bytes
        self._raw = raw
        self._effort = effort
        self._hash = hashlib.sha256()
        self.count = 0

    def read(self, size: int = CHUNK_BYTES, /) -> bytes:
        """Return the next bytes."""
        self._effort.go_on()
        chunk = self._raw.read(min(size, CHUNK_BYTES) if size >= 0 else CHUNK_BYTES)
        self.count += len(chunk)
        self._effort.done_bytes = self._before_bytes + self.count
        self._hash.update(chunk)
        return chunk

    def drain(self) -> None:
        """Read to the end."""
        while self.read():
            pass

    @property
    def sha256(self) -> str:
        """Checksum of what was read so far."""
        return self._hash.hexdigest()


class Bounded:
    """Unpacked bytes, refused when there are too many for what was packed."""

    def __init__(self, inner: Readable, packed: Metered) -> None:
        self._inner = inner
        self._packed = packed
        self.count = 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; DamagedError if they are too many."""
        chunk = self._inner.read(min(size, CHUNK_BYTES))
        self.count += len(chunk)
        if self.count > max(ALWAYS_FINE_BYTES, MOST_TIMES * self._packed.count):
            raise DamagedError(
                f"it unpacks to more than {MOST_TIMES} times its size, as no backup does"
            )
        return chunk


class Filter:
    """What a program makes of the bytes of ``source``: ``zstd -dc``.

    A thread feeds the program, for it may want to write before it has read all.
    """

    def __init__(
        self, argv: Sequence[str], source: Metered, effort: Effort, variables: Mapping[str, str]
    ) -> None:
        self._name = argv[0].rpartition("/")[2]
        self._source = source
        self._effort = effort
        self._process = effort.begin(argv, variables, feeds=True, listens=True)
        self._failure: Exception | None = None
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; DamagedError when the program refuses what it is fed."""
        chunk = _of(self._process.stdout).read(size)
        if not chunk:
            self._finish()
        return chunk

    def close(self) -> None:
        """End the program and its feeder."""
        self._effort.end(self._process)
        self._feeder.join()

    def _feed(self) -> None:
        stdin = _of(self._process.stdin)
        try:
            while chunk := self._source.read():
                stdin.write(chunk)
        except BrokenPipeError:
            # The program refused it: its exit status tells.
            pass
        except (OSError, GivenUpError, DamagedError, ValueError) as error:
            self._failure = error
        finally:
            with contextlib.suppress(OSError):
                stdin.close()

    def _finish(self) -> None:
        complaint = _of(self._process.stderr).read(4096).decode("utf-8", "replace")
        self._process.wait()
        self._feeder.join()
        self._effort.go_on()
        if self._failure is not None:
            raise self._failure
        if self._process.returncode:
            raise DamagedError(f"{self._name} refuses it: {complaint.strip()}")


def _of(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise UnreadableError("a pipe is missing")
    return pipe


Opener = Callable[[], Readable]
