"""Ordinary commands in a container: the real tools, on the sandbox's files."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.premises import secrets_of
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError
from procedures.sandbox.state_dir import StateDir

APP = "llm-config-manager"
_SHOWS_PATHS = frozenset(
    {"find", "du", "ls", "sha256sum", "md5sum", "stat", "df", "readlink", "realpath", "grep", "wc"}
)
_DELETES = frozenset({"rm", "mv", "shred", "truncate", "dd", "chmod", "ln"})
_HOSTS = {
    "postgres": "172.28.0.3",
    "redis": "172.28.0.4",
    "postgres-service": "10.96.12.4",
    "redis-service": "10.96.12.5",
    "llm-config-manager": "10.96.12.3",
    "localhost": "127.0.0.1",
}


def in_container(state: StateDir) -> Mapping[str, str]:
    """Return where the paths of a container really are, its temporary files included."""
    temporary = {"/tmp": str(state.containers / "tmp")}  # noqa: S108 - not the host's
    return {**places(state), **temporary}


def places(state: StateDir) -> Mapping[str, str]:
    """Return where the paths of the service really are, longest first."""
    return {
        "/var/lib/llm-config/backups": str(state.backups),
        "/usr/local/bin/llm-config-server": str(state.binary),
        "/etc/default/llm-config-manager": str(state.secrets_file),
        "/var/lib/postgresql/data": str(state.database_server),
        "/etc/systemd/system": str(state.units),
        "/var/log/llm-config": str(state.service_logs),
        "/var/lib/llm-config": str(state.data),
        "/etc/llm-config": str(state.config),
        "/backups": str(state.backups),
        "/proc/1/": f"/proc/{os.getpid()}/",
    }


def mapped(text: str, where: Mapping[str, str]) -> str:
    """Return a word or script with a container's paths replaced by the real ones."""
    alternatives = "|".join(map(re.escape, where))
    pattern = rf"(?<![\w./-])(?:{alternatives})(?=$|[^\w-])"
    return re.sub(pattern, lambda match: where[match[0]], text)


def volume(state: StateDir, name: str) -> Path:
    """Return where the content of a volume or claim really is."""
    folders = {
        "llm-config-data": state.data / "data",
        "llm-config-cache": state.data / "cache",
        "llm-config-backups": state.backups,
        "llm-config-logs": state.service_logs,
        "postgres-data": state.database_server,
    }
    if name not in folders:
        folders[name] = state.containers / name
        folders[name].mkdir(exist_ok=True)
    return folders[name]


def run(
    control: Control,
    container: str,
    argv: list[str],
    *,
    extra: Mapping[str, str],
    mounts: Mapping[str, str] | None = None,
) -> int:
    """Run a command with the container's environment and paths; its end is the command's."""
    state = control.state
    where = {**(mounts or {}), **in_container(state)}
    if argv[:2] == ["getent", "hosts"]:
        return _resolve(argv[2:])
    _refuse_harm(argv, where)
    command = [mapped(word, where) for word in argv]
    tools = state.containers / "bin" / container
    environment = {
        "PATH": str(tools),
        "HOME": "/",
        "HOSTNAME": container,
        **variables(control, container),
        **extra,
    }
    program = tools / argv[0] if "/" not in argv[0] else None
    if argv[0] == "/usr/local/bin/llm-config-server":
        environment["PATH"] = f"{tools}:{os.defpath}"
    elif program is None or not program.exists():
        raise _not_found(control, argv[0])
    sys.stdout.flush()
    if argv[0] not in _SHOWS_PATHS:
        return subprocess.run(command, env=environment, check=False).returncode
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    for stream, text in ((sys.stdout, done.stdout), (sys.stderr, done.stderr)):
        stream.write(_as_inside(text.decode(errors="replace"), where))
        stream.flush()
    return done.returncode


def variables(control: Control, container: str) -> dict[str, str]:
    """Return the environment of a container, with what ``set env`` has changed."""
    known = secrets_of(control.state)
    key, database, cache = (
        known.get(name, "") for name in ("ENCRYPTION_KEY", "DB_PASSWORD", "REDIS_PASSWORD")
    )
    if container == "redis":
        return {"REDIS_PASSWORD": cache}
    if container == "postgres":
        return {
            "POSTGRES_DB": "llm_config",
            "POSTGRES_USER": "llm_config_user",
            "POSTGRES_PASSWORD": database,
        }
    if container != APP:
        return {}
    own = {
        "RUST_LOG": "info",
        "LLM_CONFIG_ENVIRONMENT": "production",
        "LLM_CONFIG_ENCRYPTION_KEY": key,
        "LLM_CONFIG_DATABASE_PASSWORD": database,
        "ENCRYPTION_KEY": key,
        "DATABASE_PASSWORD": database,
        "REDIS_PASSWORD": cache,
        "CACHE_L1_SIZE": "10000",
        "CACHE_L1_TTL_SECONDS": "3600",
    }
    changed = Kept(control.state.kept).under("env")
    return {**own, **changed}


def _as_inside(text: str, where: Mapping[str, str]) -> str:
    for inside, real in where.items():
        text = text.replace(real, inside)
    return text


def _refuse_harm(argv: list[str], where: Mapping[str, str]) -> None:
    """Refuse to change files that are not the sandbox's: a mistake must not reach the host."""
    if argv[0] not in _DELETES:
        return
    paths = [word for word in argv[1:] if word.startswith("/")]
    strange = [path for path in paths if mapped(path, where) == path]
    if strange or not paths:
        raise UnknownUsageError(f"{' '.join(argv)}: {strange or 'no path'} is not the sandbox's")


def _resolve(names: list[str]) -> int:
    for name in names:
        if name not in _HOSTS:
            return 2
        sys.stdout.write(f"{_HOSTS[name]:<15} {name}\n")
    return 0


def _not_found(control: Control, program: str) -> ToolError:
    record = control.state.read_record()
    text = f'exec: "{program}": executable file not found in $PATH: unknown'
    if record is not None and record.method == "kubernetes":
        return ToolError(
            f"error: Internal error occurred: {text}\ncommand terminated with exit code 127", 127
        )
    return ToolError(
        f"OCI runtime exec failed: exec failed: unable to start container process: {text}", 127
    )
