"""``quarterdeck lint``: everything that is wrong with procedure documents."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.arguments import Parser

if TYPE_CHECKING:
    from procedures.runbook.linter import Complaint

_EPILOG = """\
Each line names file, line, the rule's code and what is wrong; an indented one says what to do.
Without a path the shipped procedures are looked at. `--rules` lists the codes.

exit status:
  0  nothing is wrong, but for warnings on plain runbooks
  1  something is wrong
  2  a path cannot be read

examples:
  quarterdeck lint                          the shipped catalogue
  quarterdeck lint runbooks/                a directory of your own
  quarterdeck lint --json runbooks/ | jq    for an editor or a pipeline
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "lint",
        help="check procedure documents",
        description="Check procedure documents against the format and the house rules.",
        epilog=_EPILOG,
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="document or directory")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument("--rules", action="store_true", help="list the rules and end")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every complaint."""
    from procedures.clock import SystemClock
    from procedures.runbook.catalogue import SHIPPED
    from procedures.runbook.linter import lint
    from procedures.runbook.rules import ABOUT

    if arguments.rules:
        width = max(map(len, ABOUT))
        print("\n".join(f"{code:<{width}}  {about}" for code, about in ABOUT.items()))
        return 0
    complaints = lint(arguments.paths or [SHIPPED], today=SystemClock().now().date())
    if arguments.json:
        print(json.dumps({"complaints": [_plain(each) for each in complaints]}, indent=2))
    else:
        for each in complaints:
            print(_line(each))
    return 1 if any(not each.is_warning for each in complaints) else 0


def _line(complaint: "Complaint") -> str:
    problem = complaint.problem
    code = f"warning {problem.code}" if complaint.is_warning else problem.code
    line = f"{complaint.path}:{problem.line}: {code} {problem.text}"
    return f"{line}\n    {problem.fix}" if problem.fix else line


def _plain(complaint: "Complaint") -> dict[str, object]:
    problem = complaint.problem
    return {
        "path": str(complaint.path),
        "line": problem.line,
        "code": problem.code,
        "severity": "warning" if complaint.is_warning else "error",
        "message": problem.text,
        "fix": problem.fix,
    }
