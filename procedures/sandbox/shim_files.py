"""The executables that answer for the real tools, on the PATH of the steps only."""

import shlex
import shutil
import sys
from pathlib import Path

import procedures
from procedures.sandbox.postgres import programs
from procedures.sandbox.state_dir import StateDir

TOOLS = {
    "docker": ("docker", "docker-compose", "ss"),
    "kubernetes": ("kubectl", "ss"),
    "systemd": ("systemctl", "journalctl", "sudo", "redis-cli", "ss", *programs.NAMES),
}
COMPOSE_PROJECT = "llm-config"
PACKAGE_ROOT = Path(procedures.__file__).parents[1]
"""Where Python finds this package, for processes that start elsewhere."""
_COMMON = (
    *("sh", "bash", "cat", "ls", "tar", "du", "df", "stat", "sha256sum", "md5sum", "find", "test"),
    *("[", "wc", "head", "tail", "grep", "sed", "awk", "sort", "uniq", "date", "id", "printenv"),
    *("env", "mkdir", "cp", "mv", "rm", "chmod", "gzip", "gunzip", "touch", "echo", "printf"),
    *(
        "true",
        "false",
        "rmdir",
        "sleep",
        "dd",
        "cut",
        "tr",
        "basename",
        "dirname",
        "readlink",
        "nproc",
    ),
    *("hostname", "cmp", "diff", "tee", "xargs", "seq", "mktemp", "sync", "base64", "whoami"),
)
"""What the images of all containers have; a container's other programs do not exist there."""
_IN_CONTAINER = {"redis": ("redis-cli",), "postgres": programs.NAMES, "llm-config-manager": ()}
_CHOWN = "#!/bin/sh\nexit 0\n"


def write(state: StateDir, method: str) -> None:
    """Create the executables of one deployment method, and remove those of the others."""
    for old in state.shims.iterdir():
        old.unlink()
    for tool in TOOLS[method]:
        _write(state.shims / tool, _launcher(state, tool))
    shutil.rmtree(state.containers / "bin", ignore_errors=True)
    for container, own in _IN_CONTAINER.items():
        folder = state.containers / "bin" / container
        folder.mkdir(parents=True)
        for tool in _COMMON:
            if found := shutil.which(tool):
                (folder / tool).symlink_to(found)
        _write(folder / "chown", _CHOWN)
        for tool in own:
            _write(folder / tool, _launcher(state, tool))


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _launcher(state: StateDir, tool: str) -> str:
    # Nothing but the standard library: looking for installed packages would double the time.
    program = (
        f"import sys; sys.path.append({str(PACKAGE_ROOT)!r}); "
        "from procedures.sandbox.shims.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-ISP", "-c", program, str(state.path), tool]
    return f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'
