"""Directories that cannot be written: mounted read-only, or full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Make an existing directory read-only; for root by a mount, for root ignores modes."""
    if os.geteuid():
        place.chmod(0o500)
        yield
        place.chmod(0o700)
    else:
        with mounted(place, "ro"):
            yield


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """Mount an empty file system in memory; skips the test where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("cannot mount here; run the tests as root, or in a container that may mount")
    try:
        yield
    finally:
        # Lazily: a process of a failed test may still have its working directory there.
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def filled(place: Path) -> Iterator[None]:
    """Leave no free block in a directory that is a file system of its own."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    try:
        yield
    finally:
        filler.unlink()
