"""Entry of every shim: ``python -m procedures.sandbox.shims STATE_DIR TOOL ARGUMENTS…``."""

import importlib
import sys
from pathlib import Path

from procedures.errors import SandboxError
from procedures.sandbox.control_client import connect
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
}


def main(argv: list[str]) -> int:
    """Answer for one tool; return the exit status that the tool would have."""
    state_dir, tool, *arguments = argv
    module = importlib.import_module(f"procedures.sandbox.shims.{_MODULES[tool]}")
    try:
        return int(module.run(connect(StateDir(Path(state_dir))), arguments))
    except UnknownUsageError as error:
        complain(f"{tool}: the sandbox does not know this use: {error}")
        return UNKNOWN
    except ToolError as error:
        complain(str(error))
        return error.status
    except SandboxError as error:
        complain(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
