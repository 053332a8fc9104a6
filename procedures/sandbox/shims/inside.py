"""Commands that run inside a container: redis-cli, pg_isready, and sh around them."""

import re
import shlex

from procedures.sandbox.control_client import Control, RefusedError
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, complain, say

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def run(control: Control, dependency: str, argv: list[str]) -> int:
    """Run ``argv`` in the container of ``dependency`` (redis or postgres)."""
    if argv[:2] in (["sh", "-c"], ["bash", "-c"]) and len(argv) == 3:
        argv = _simple_command(argv[2])
    if argv and dependency == "redis" and argv[0] == "redis-cli":
        return redis_cli(control, argv[1:])
    if argv and dependency == "postgres" and argv[0] == "pg_isready":
        return _pg_isready(control, argv[1:])
    raise UnknownUsageError(f"in the container {dependency}: {shlex.join(argv)}")


def redis_cli(control: Control, argv: list[str]) -> int:
    """Answer as redis-cli does when its output is not a terminal."""
    parser = Parser("redis-cli")
    parser.add_argument("-h", dest="host")
    parser.add_argument("-p", dest="port")
    parser.add_argument("-a", "--pass", dest="password")
    parser.add_argument("-n", dest="number", choices=("0",))
    parser.add_argument("--no-auth-warning", action="store_true")
    parser.add_argument("-e", dest="fail", action="store_true")
    parser.add_argument("command", nargs="...")
    options = parser.parse_args(argv)
    if not options.command:
        raise UnknownUsageError("redis-cli without a command")
    try:
        say(control.post("/redis", options.command))
    except RefusedError as error:
        if error.status == 503:
            complain("Could not connect to Redis at 127.0.0.1:6379: Connection refused")
            return 1
        raise UnknownUsageError(error.text) from error
    return 0


def _pg_isready(control: Control, argv: list[str]) -> int:
    parser = Parser("pg_isready")
    for flags in (("-U", "--username"), ("-d", "--dbname"), ("-h", "--host"), ("-p", "--port")):
        parser.add_argument(*flags)
    parser.parse_args(argv)
    database = observe(control).process("postgres")
    if database is None or not database.ready:
        raise ToolError("/var/run/postgresql:5432 - no response", 2)
    say("/var/run/postgresql:5432 - accepting connections")
    return 0


def _simple_command(script: str) -> list[str]:
    """Return the words of a shell script that is one command after variable assignments."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    if any(set(word) <= set("();<>|&") for word in words):
        raise UnknownUsageError(f"a script of more than one command: {script}")
    while words and _ASSIGNMENT.match(words[0]):
        words.pop(0)
    return words
