"""Commands that run inside a container, or on the host as if it were the service's."""

import re
import shlex
from collections.abc import Callable, Mapping

from procedures.sandbox.control_client import Control, RefusedError
from procedures.sandbox.shims.usage import Parser, UnknownUsageError, complain, say

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_EXPANSION = re.compile(r"\$\{?[A-Za-z_]|`|\$\(|[*?]")
APP = "llm-config-manager"


def run(
    control: Control, container: str, argv: list[str], *, extra: Mapping[str, str] | None = None
) -> int:
    """Run ``argv`` in the container of a service.

    Args:
        control: The sandbox.
        container: The compose service, or the app label of a pod.
        argv: Program and arguments.
        extra: Environment variables beside the container's own.
    """
    simple = argv
    if argv[:2] in (["sh", "-c"], ["bash", "-c"]) and len(argv) == 3:
        simple = _simple_command(argv[2]) or argv
    if simple and (answer := _answering(container, simple[0])):
        return answer(control, simple[1:])
    from procedures.sandbox.shims import container_commands as real  # rarely needed

    return real.run(control, container, argv, extra=extra or {})


def _answering(container: str, program: str) -> Callable[[Control, list[str]], int] | None:
    """Return what answers for a program of the container that the sandbox poses as."""
    if container == "redis" and program == "redis-cli":
        return redis_cli
    if container == "postgres":
        return postgres_client(program)
    return None


def postgres_client(program: str) -> Callable[[Control, list[str]], int] | None:
    """Return what answers for one of PostgreSQL's client programs; None for another program."""
    from procedures.sandbox.postgres import programs  # only databases want it

    return programs.answering(program)


def redis_cli(control: Control, argv: list[str]) -> int:
    """Answer as redis-cli does when its output is not a terminal."""
    parser = Parser("redis-cli")
    parser.add_argument("-h", dest="host")
    parser.add_argument("-p", dest="port")
    parser.add_argument("-a", "--pass", dest="password")
    parser.add_argument("-u", dest="uri")
    parser.add_argument("-t", dest="timeout")
    parser.add_argument("-n", dest="number", choices=("0",))
    for flags in (("--no-auth-warning",), ("--raw",), ("--scan",), ("-e",)):
        parser.add_argument(*flags, action="store_true")
    parser.add_argument("--pattern", default="*")
    parser.add_argument("--count")
    parser.add_argument("command", nargs="...")
    options = parser.parse_args(argv)
    command = ["KEYS", options.pattern] if options.scan else options.command
    if not command:
        raise UnknownUsageError("redis-cli without a command")
    try:
        say(control.post("/redis", command))
    except RefusedError as error:
        if error.status == 503:
            complain("Could not connect to Redis at 127.0.0.1:6379: Connection refused")
            return 1
        raise UnknownUsageError(error.text) from error
    return 0


def _simple_command(script: str) -> list[str] | None:
    """Return the words of a script that is one command after assignments; None for another one."""
    try:
        lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return None
    if any(set(word) <= set("();<>|&") for word in words if word):
        return None
    while words and _ASSIGNMENT.match(words[0]):
        words.pop(0)
    return None if any(_EXPANSION.search(word) for word in words) else words
