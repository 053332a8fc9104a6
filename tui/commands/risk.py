"""``quarterdeck risk``: how dangerous a command line is, and why."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.commands.arguments import Parser, UsageError

if TYPE_CHECKING:
    from procedures.risk.assessment import Risk

_EPILOG = """\
The levels are those that decide what the console asks before it runs a command:
  read         changes nothing
  change       can be undone: restart, scale
  destructive  loses data, capacity or evidence, or cannot be read

The command is parsed, not run. What is not known counts as a change.

examples:
  quarterdeck risk -- 'kubectl delete pod redis-0'
  quarterdeck risk --json -- 'docker-compose exec redis redis-cli FLUSHALL'
  history | cut -c8- | quarterdeck risk --json - | jq -r 'select(.level == "destructive").command'
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "risk",
        help="tell how dangerous a command line is, and why",
        description="Explain the level of a command line; nothing is run.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "command", nargs="+", metavar="COMMAND", help="shell text, or - for one command a line"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a command")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what is found of each command."""
    from procedures.risk.assessment import assess

    for command in _commands(arguments):
        risk = assess(command)
        print(_json(command, risk) if arguments.json else _text(command, risk))
    return 0


def _commands(arguments: argparse.Namespace) -> Iterator[str]:
    words: list[str] = arguments.command
    if words == ["-"]:
        yield from (line.rstrip("\n") for line in sys.stdin)
    elif len(words) == 1:
        yield words[0]
    else:
        raise UsageError(
            "the command is more than one word of this shell",
            fix="Put it in single quotes: quarterdeck risk -- 'COMMAND'",
            status=arguments.failure_status,
        )


def _json(command: str, risk: "Risk") -> str:
    findings = [
        {"level": found.level.value, "text": found.text, "reason": found.reason}
        for found in risk.findings
    ]
    return json.dumps({"command": command, "level": risk.level.value, "findings": findings})


def _text(command: str, risk: "Risk") -> str:
    from procedures.execution.cleaning import clean_line

    lines = [f"{risk.level.value:<11}  {clean_line(command)}"]
    lines += [
        f"  {found.level.value:<11} {clean_line(found.text)}: {found.reason}"
        for found in risk.findings
    ]
    return "\n".join(lines)
