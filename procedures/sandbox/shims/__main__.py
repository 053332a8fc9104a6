"""Entry of every shim: ``main([STATE_DIR, TOOL, ARGUMENTS…])``."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from procedures.errors import SandboxError
from procedures.sandbox.control_client import Control, connect
from procedures.sandbox.shims.usage import UNKNOWN, ToolError, UnknownUsageError, complain
from procedures.sandbox.state_dir import StateDir

_MODULES = {
    "docker": "docker",
    "docker-compose": "compose",
    "kubectl": "kubectl",
    "systemctl": "systemctl",
    "journalctl": "journalctl",
    "sudo": "sudo",
    "redis-cli": "redis_cli",
    "ss": "ss",
}


def main(argv: list[str]) -> int:
    """Answer for one tool; return the exit status that the tool would have."""
    state_dir, tool, *arguments = argv
    try:
        return _answering(tool)(connect(StateDir(Path(state_dir))), arguments)
    except UnknownUsageError as error:
        complain(f"{tool}: the sandbox does not know this use: {error}")
        return UNKNOWN
    except ToolError as error:
        complain(str(error))
        return error.status
    except SandboxError as error:
        complain(str(error))
        return 1
    except BrokenPipeError:
        # The reader has what it wanted; flushing at exit must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _answering(tool: str) -> Callable[[Control, list[str]], int]:
    if tool not in _MODULES:
        from procedures.sandbox.shims.inside import postgres_client

        client = postgres_client(tool)
        assert client is not None  # noqa: S101 - the launchers name no other tool
        return client
    from importlib import import_module

    module = import_module(f"procedures.sandbox.shims.{_MODULES[tool]}")
    run: Callable[[Control, list[str]], int] = module.run
    return run
