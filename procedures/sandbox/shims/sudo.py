"""sudo: runs the rest on the sandbox's files, for the sandbox has no other user."""

import os
import shutil
import subprocess
import sys

from procedures.sandbox.control_client import Control
from procedures.sandbox.postgres.access import AS_USER
from procedures.sandbox.postgres.programs import NAMES
from procedures.sandbox.shims.container_commands import mapped, places
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError

_OWNERSHIP = ("chown", "chgrp", "chcon", "restorecon", "setfacl", "useradd", "groupadd", "usermod")
_TOOLS = frozenset(
    {
        *("systemctl", "journalctl", "redis-cli", "ss", *NAMES),
        *("install", "cp", "mv", "mkdir", "rm", "rmdir", "chmod", "cat", "ls", "tar", "test", "["),
        *("stat", "sha256sum", "find", "du", "df", "grep", "sed", "awk", "tee", "ln", "touch"),
        *("head", "tail", "wc", "cmp", "diff", "sort", "gzip", "gunzip", "true", "id", "ps"),
        *("openssl", "readlink", "cut", "env", "sh", "bash", "base64", "mktemp", "xargs", "tr"),
        *("timeout", "printf", "echo", "dirname", "basename", "lsof", "getent", "ulimit", "cd"),
    }
)


def run(control: Control, argv: list[str]) -> int:
    """Become the command; only its own shims are found first, as PATH says."""
    parser = Parser("sudo")
    parser.add_argument("-n", "--non-interactive", action="store_true")
    parser.add_argument("-E", "--preserve-env", action="store_true")
    parser.add_argument("-H", "--set-home", action="store_true")
    parser.add_argument("-u", "--user", default="root")
    parser.add_argument("command", nargs="...")
    options = parser.parse_args(argv)
    command = [word for word in options.command if word != "--"]
    while command and "=" in command[0] and command[0].partition("=")[0].isidentifier():
        name, _, value = command.pop(0).partition("=")
        os.environ[name] = value
    if not command:
        raise UnknownUsageError("sudo without a command")
    return _run(control, options.user, command)


def _run(control: Control, user: str, command: list[str]) -> int:
    where = places(control.state)
    program = command[0]
    if program.rpartition("/")[2] in _OWNERSHIP:
        return 0
    own = mapped(program, where)
    if program not in _TOOLS and own == program and not own.startswith(str(control.state.path)):
        if shutil.which(program) is None:
            raise ToolError(f"sudo: {program}: command not found")
        raise UnknownUsageError(f"sudo {program}")
    arguments = [mapped(word, where) for word in command[1:]]
    if program == "install":
        arguments = _without_owner(arguments)
    if program == "find":
        arguments = _without_users(arguments)
    sys.stdout.flush()
    environment = {**os.environ, AS_USER: user}
    try:
        return subprocess.run([own, *arguments], env=environment, check=False).returncode
    except FileNotFoundError as error:
        raise ToolError(f"sudo: {program}: command not found") from error


def _without_owner(arguments: list[str]) -> list[str]:
    """Return install's arguments without ``-o USER`` and ``-g GROUP``."""
    kept = []
    words = iter(arguments)
    for word in words:
        if word in {"-o", "-g", "--owner", "--group"}:
            next(words, None)
        elif not word.startswith(("--owner=", "--group=")):
            kept.append(word)
    return kept


def _without_users(arguments: list[str]) -> list[str]:
    """Return find's arguments with every file owned by whom it should be."""
    kept = list(arguments)
    for name in ("-user", "-group"):
        while name in kept:
            place = kept.index(name)
            kept[place : place + 2] = ["-true"]
    return kept
