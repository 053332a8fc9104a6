"""``quarterdeck schema``: the JSON Schema of a procedure's front matter."""

import argparse
import json

from tui.commands.arguments import Parser

_EPILOG = """\
An editor with YAML support checks the front matter against it while one types.

examples:
  quarterdeck schema > procedure.schema.json
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "schema",
        help="print the JSON Schema of a procedure's front matter",
        description="Print the JSON Schema of the front matter of procedure documents.",
        epilog=_EPILOG,
    )
    parser.set_defaults(run=run, parser=parser)


def run(_: argparse.Namespace) -> int:
    """Print the schema."""
    from procedures.runbook.schema import front_matter_schema

    print(json.dumps(front_matter_schema(), indent=2))
    return 0
