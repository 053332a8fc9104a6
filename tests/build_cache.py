"""Where is what the tests build once and keep outside the repository."""

import os
from pathlib import Path


def cache() -> Path:
    """Return the directory of all that is built once for the tests."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    named = os.environ.get("QUARTERDECK_TEST_CACHE") or Path(caches, "quarterdeck-tests")
    return Path(named).absolute()
