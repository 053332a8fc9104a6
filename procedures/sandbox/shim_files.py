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
_COMPOSE = """\
# What the sandbox poses as; its shims read the services from the sandbox itself.
services:
  llm-config-manager: {image: "llm-config-manager:latest", deploy: {replicas: 3}}
  redis: {image: "redis:7-alpine", container_name: llm-config-redis}
  postgres: {image: "postgres:16-alpine", container_name: llm-config-postgres}
"""


def write(state: StateDir, method: str) -> None:
    """Create the executables of one deployment method, and remove those of the others."""
    for old in state.shims.iterdir():
        old.unlink()
    for tool in TOOLS[method]:
        path = state.shims / tool
        path.write_text(_launcher(state, tool))
        path.chmod(0o755)
    if method == "docker":
        state.compose_file.write_text(_COMPOSE)


def _launcher(state: StateDir, tool: str) -> str:
    module = [sys.executable, "-P", "-m", "procedures.sandbox.shims", str(state.path), tool]
    root = shlex.quote(str(PACKAGE_ROOT))
    return f'#!/bin/sh\nPYTHONPATH={root} exec {shlex.join(module)} "$@"\n'
