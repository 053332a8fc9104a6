"""The last commit of a document, where its directory is in a Git repository; blocks."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from procedures.execution.cleaning import clean_line
from procedures.library.commit import Commit

_TIMEOUT_S = 5.0
_FORMAT = "%H%x00%ct%x00%an%x00%s"


def last_commit(path: Path) -> Commit | None:
    """Return the last commit that touched ``path``; None where Git knows of none."""
    said = _git(path, "log", "-1", f"--format={_FORMAT}", "--", path.name)
    try:
        hash_, seconds, author, subject = (said or "").rstrip("\n").split("\0")
        at = datetime.fromtimestamp(int(seconds), UTC)
    except ValueError:
        return None
    return Commit(
        hash=hash_,
        at=at,
        author=clean_line(author),
        subject=clean_line(subject),
        changed=bool(_git(path, "status", "--porcelain", "--", path.name)),
    )


def _git(path: Path, *words: str) -> str | None:
    """Return what Git says in the document's directory; None if it fails or is not there."""
    # A repository's own settings must not start a pager, a hook, a prompt or a file watcher.
    quiet = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "--no-pager")
    variables = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        answer = subprocess.run(
            ["git", *quiet, *words],
            cwd=path.parent,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode("utf-8", "replace")
