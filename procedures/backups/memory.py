"""Which backups were verified, remembered between the console's runs."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from procedures.backups.values import Check, Verification

MOST = 2000
"""Verifications that are kept, the latest; a year of hourly backups is pruned long before."""

_VERSION = 1


class Memory:
    """A file of verifications by the keys of their backups.

    A file that cannot be read is one that knows nothing, and one that cannot be written is left:
    the console then shows less, and verifies again.

    Args:
        path: The file; None to remember nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def recall(self) -> Mapping[str, Verification]:
        """Return what is remembered."""
        if self._path is None:
            return {}
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            if content["version"] != _VERSION:
                return {}
            return {str(key): _read(each) for key, each in content["verified"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def remember(self, key: str, verification: Verification) -> None:
        """Add what came of one verification, beside what other consoles add."""
        if self._path is None:
            return
        with contextlib.suppress(OSError), self._locked():
            known = {**self.recall(), key: verification}
            latest = sorted(known.items(), key=lambda pair: pair[1].at)[-MOST:]
            content = {
                "version": _VERSION,
                "verified": {name: _written(each) for name, each in latest},
            }
            partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            partial.write_text(json.dumps(content), encoding="utf-8")
            partial.replace(self._path)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        if self._path is None:
            yield
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._path.with_name(f".{self._path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _written(verification: Verification) -> Mapping[str, Any]:
    return {
        "at": verification.at.isoformat(),
        "proves": verification.proves,
        "checks": [[each.name, each.passed, each.said] for each in verification.checks],
    }


def _read(content: Mapping[str, Any]) -> Verification:
    at = datetime.fromisoformat(content["at"])
    if at.tzinfo is None:
        raise ValueError(content["at"])
    checks = tuple(
        Check(name=str(name), passed=_told(passed), said=str(said))
        for name, passed, said in content["checks"]
    )
    return Verification(at=at, checks=checks, proves=content["proves"] is True)


def _told(passed: object) -> bool | None:
    # Whatever is neither yes nor no proves nothing.
    return passed if isinstance(passed, bool) else None
