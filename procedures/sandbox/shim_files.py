"""The executables that answer for the real tools, on the PATH of the steps only."""

import shlex
import sys
from pathlib import Path

import procedures
from procedures.sandbox.state_dir import StateDir

TOOLS = {
    "docker": ("docker", "docker-compose"),
    "kubernetes": ("kubectl",),
    "systemd": ("systemctl", "journalctl", "sudo", "redis-cli"),
}
COMPOSE_PROJECT = "llm-config"
PACKAGE_ROOT = Path(procedures.__file__).parents[1]
"""Where Python finds this package, for processes that start elsewhere."""


def write(state: StateDir, method: str) -> None:
    """Create the executables of one deployment method, and remove those of the others."""
    for old in state.shims.iterdir():
        old.unlink()
    for tool in TOOLS[method]:
        path = state.shims / tool
        path.write_text(_launcher(state, tool))
        path.chmod(0o755)


def _launcher(state: StateDir, tool: str) -> str:
    # Nothing but the standard library: looking for installed packages would double the time.
    program = (
        f"import sys; sys.path.append({str(PACKAGE_ROOT)!r}); "
        "from procedures.sandbox.shims.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-ISP", "-c", program, str(state.path), tool]
    return f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'
