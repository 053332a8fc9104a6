"""What commands have changed and later commands see: a JSON object in the state directory.

It lasts as long as the sandbox process. Keys are words joined by dots, such as
``nodes.sandbox-node-1.cordoned``.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from procedures.sandbox.state_dir import write_whole


class Kept:
    """Settings in one file, which several commands may change at the same time; blocks."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def clear(self) -> None:
        """Forget everything."""
        self._path.unlink(missing_ok=True)

    def all(self) -> dict[str, Any]:
        """Return everything that is kept."""
        try:
            values: dict[str, Any] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        return values

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON
        """Return what is kept under ``key``."""
        return self.all().get(key, default)

    def under(self, prefix: str) -> dict[str, Any]:
        """Return what is kept under keys that begin with ``prefix`` and a dot, without these."""
        begin = f"{prefix}."
        return {k[len(begin) :]: v for k, v in self.all().items() if k.startswith(begin)}

    def set(self, key: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Keep a value; None forgets it."""
        with self._locked():
            values = self.all()
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
            write_whole(self._path, json.dumps(values, indent=1))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
